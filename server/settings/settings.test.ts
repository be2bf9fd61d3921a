import { afterEach, beforeEach, expect, test } from 'vitest'
import { settings as shape } from '../../contract/settings.ts'
import { type TestDatabase, testDatabase } from '../../testbed/database.ts'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { createAudit } from '../audit/audit.ts'
import { newAuditKeys } from '../audit/keys.ts'
import { serverActor } from '../lib/actor.ts'
import { createEvents } from '../lib/events.ts'
import { createLogger } from '../lib/logger.ts'
import { createSettings } from './settings.ts'

const anna = { ...serverActor, name: 'user:anna' }
const defaults = shape.parse({})
const clock = createFakeClock()

let base: TestDatabase
let told: number
let logged: string

beforeEach(async () => {
  base = await testDatabase()
  told = 0
  logged = ''
})
afterEach(() => base.close())

const auditOf = () => createAudit({ db: base.db, clock, keys: newAuditKeys() })

function start() {
  const events = createEvents(createLogger('silent'))
  events.on('settings.changed', 'test', () => void told++)
  const logger = createLogger('warn', { write: (line) => void (logged += line) })
  return createSettings({ db: base.db, audit: auditOf(), events, clock, logger })
}

const store = (name: string, value: string) =>
  base.db.write((tx) => tx.insertInto('setting').values({ name, value, updated_at: '' }).execute())

test('a fresh server has the defaults', async () => {
  expect((await start()).get()).toEqual(defaults)
})

test('a change is in force at once, leaves the rest alone, and is still there after a restart', async () => {
  const settings = await start()
  const wanted = { maxExecutions: 5, allowedNetworks: ['10.1.0.0/16'] }
  expect(await settings.change(wanted, anna)).toEqual({ ...defaults, ...wanted })
  expect(settings.get()).toEqual({ ...defaults, ...wanted })
  expect((await start()).get()).toEqual({ ...defaults, ...wanted })
  expect(told).toBe(1)
})

test('the audit trail shows before and after of what changed, and nothing else', async () => {
  const settings = await start()
  await settings.change({ maxExecutions: 5, retentionDays: defaults.retentionDays }, anna)
  const { items } = await auditOf().list({ limit: 10 })
  expect(items).toMatchObject([{ actor: 'user:anna', action: 'settings.changed' }])
  expect(items[0]?.detail).toEqual({ maxExecutions: { before: 30, after: 5 } })
})

test('a change to what is in force already is none', async () => {
  const settings = await start()
  await settings.change({ maxExecutions: defaults.maxExecutions }, anna)
  expect((await auditOf().list({ limit: 10 })).items).toEqual([])
  expect(told).toBe(0)
})

test('two changes at once both count', async () => {
  const settings = await start()
  await Promise.all([
    settings.change({ maxExecutions: 5 }, anna),
    settings.change({ maxExecutionsPerNode: 2 }, anna),
  ])
  expect(settings.get()).toMatchObject({ maxExecutions: 5, maxExecutionsPerNode: 2 })
})

test.each([
  ['not JSON', 'seven'],
  ['out of range', '0'],
  ['of another kind', '"many"'],
  ['null', 'null'],
])('a stored value that is %s gives way to the default, with a warning', async (_name, value) => {
  await store('maxExecutions', value)
  await store('retentionDays', '90')
  expect((await start()).get()).toEqual({ ...defaults, retentionDays: 90 })
  expect(logged).toContain('maxExecutions')
})

test('a setting of another version is left alone', async () => {
  await store('somethingNewer', '1')
  expect((await start()).get()).toEqual(defaults)
})
