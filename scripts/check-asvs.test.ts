import { expect, test } from 'vitest'
import { judgeItem } from './asvs/judge.ts'

const files: Record<string, string> = {
  'server/a.test.ts':
    "// a comment about moons\ntest('a door is closed', () => {})\ntest.each([])(\n  '%s stays outside',\n)",
  'docs/a.md': '# Doors\n\nA door is\nalways closed.',
  'server/a.ts': "const title = 'a door is closed'",
}
const judge = (given: Partial<Parameters<typeof judgeItem>[1]>) =>
  judgeItem('1.2.3', { applies: 'yes', proof: [], ...given }, (file) => files[file] ?? null)

test.each([
  [{ proof: ['server/a.test.ts › a door is closed'] }],
  [{ proof: ['server/a.test.ts › stays outside', 'docs/a.md › A door is always closed'] }],
  [{ applies: 'later' as const, note: 'There are no doors yet.' }],
  [{ applies: 'no' as const, note: 'There will be no doors.' }],
])('%j is in order', (given) => {
  expect(judge(given)).toEqual([])
})

test.each([
  [{}, 'names neither a test nor a document'],
  [{ proof: ['server/b.test.ts › a door is closed'] }, 'there is no server/b.test.ts'],
  [{ proof: ['server/a.test.ts › a door is open'] }, 'has no “a door is open”'],
  [{ proof: ['server/a.test.ts › a comment about moons'] }, 'has no “a comment about moons”'],
  [{ proof: ['server/a.ts › a door is closed'] }, 'neither a test nor a document'],
  [{ proof: ['server/a.test.ts'] }, 'is not written as'],
  [{ applies: 'later' as const }, 'but not why'],
  [{ applies: 'no' as const }, 'but not why'],
])('%j is told: %s', (given, why) => {
  expect(judge(given).join()).toContain(why)
})
