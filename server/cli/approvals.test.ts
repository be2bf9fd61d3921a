import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Plan } from '../../contract/plans.ts'
import { type TestHouse, testHouse } from '../../testbed/house.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'
import { approvePlan, listApprovals, rejectPlan } from './approvals.ts'
import { runAgent } from './run.ts'

let sshd: TestSshd
let house: TestHouse
let folder: string
let out = ''

beforeAll(async () => {
  sshd = await startSshd()
  house = await testHouse()
  await house.drive.addNode(sshd)
})
afterAll(async () => {
  await house.close()
  await sshd.stop()
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carl-cli-'))
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), 'text\n')
  out = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

const settings = { dryRun: false, estimate: false, json: false, quiet: true, timeout: undefined }
const run = () =>
  runAgent(
    'tidies',
    { ...settings, node: 'nas', option: [`folder=${folder}`], optionsFile: undefined },
    house.config,
  )
const given = { dryRun: false, name: [], json: false }

async function waiting(): Promise<Plan> {
  const { items } = await house.drive.client.plans.list()
  const [plan] = items
  if (!plan) throw new Error('nothing waits')
  return plan
}

test('a run says what waits, the list shows it, and a change is approved by its name', async () => {
  expect(await run()).toBe(0)
  expect(out).toContain('2 changes wait for approval: carl approvals')
  out = ''
  expect(await listApprovals(false, house.config)).toBe(0)
  const plan = await waiting()
  expect(out).toContain(`Tidies on nas`)
  expect(out).toContain(plan.id)
  expect(out).toContain('medium risk, can be restored')

  out = ''
  const [first] = plan.actions
  expect(await approvePlan(plan.id, [first?.aid ?? ''], given, house.config)).toBe(0)
  expect(out).toContain('Remove a  [done]')
  expect(readdirSync(folder).sort()).toEqual(['a.carl-aside', 'b'])

  expect(await rejectPlan(plan.id, [], { why: 'still needed', askAgain: 'next' }, house.config)).toBe(0)
  await expect(approvePlan(plan.id, [], given, house.config)).rejects.toMatchObject({
    problem: { code: 'plan.decided' },
  })
  expect(readdirSync(folder).sort()).toEqual(['a.carl-aside', 'b'])
})

test('a dry run only checks', async () => {
  await run()
  const plan = await waiting()
  out = ''
  expect(await approvePlan(plan.id, [], { ...given, dryRun: true }, house.config)).toBe(0)
  expect(out).toContain('Remove a  [would-run]')
  expect(readdirSync(folder).sort()).toEqual(['a', 'b'])
})

test.each([['no-plan'], [`pln_${'0'.repeat(26)}`]])('a plan called %s is not there', async (id) => {
  await expect(approvePlan(id, [], given, house.config)).rejects.toMatchObject({
    problem: { code: 'plan.not_found' },
  })
})
