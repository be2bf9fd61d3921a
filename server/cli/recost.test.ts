import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { databaseBeside } from '../../testbed/database.ts'
import { type TestHouse, testHouse } from '../../testbed/house.ts'
import { fillLedger } from '../../testbed/ledger-rows.ts'
import { recost } from './recost.ts'

let server: TestHouse
beforeEach(async () => {
  server = await testHouse()
  const db = databaseBeside(server.folder)
  await fillLedger(db, { count: 18, days: 1, now: new Date() })
  await db.close()
})
afterEach(() => server.close())

async function printed(json = false): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    expect(await recost(json, server.config)).toBe(0)
    return write.mock.calls.map(([text]) => String(text)).join('')
  } finally {
    write.mockRestore()
  }
}

test('prices that are as they were change nothing', async () => {
  expect(await printed()).toMatch(/18 calls computed anew, 0 changed\.\n$/)
})

test('a price that is put right changes every call of its model, and says from what to what', async () => {
  const { client } = server.drive
  const tier = { upToPromptTokens: null, input: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, output: 0 }
  await client.costs.setPrice({
    params: { model: 'claude-haiku-5-5' },
    body: { effectiveFrom: '2020-01-01', batchPercent: 50, tiers: [tier] },
  })
  expect(await printed()).toMatch(/18 calls computed anew, 16 changed, \$0\.\d+ before, \$0\.\d+ now\.\n$/)
  expect(JSON.parse(await printed(true))).toMatchObject({ looked: 18, changed: 0 })
})
