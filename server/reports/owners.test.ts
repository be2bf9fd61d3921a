import { expect, test } from 'vitest'
import type { AgentFinding } from '../../contract/agent-protocol.ts'
import { agentId } from '../../contract/ids.ts'
import { ownersBeside, withoutOwned } from './owners.ts'

const [health, advisor, janitor] = ['system-health', 'update-advisor', 'docker-janitor'].map((id) =>
  agentId.parse(id),
) as [ReturnType<typeof agentId.parse>, ReturnType<typeof agentId.parse>, ReturnType<typeof agentId.parse>]
const findings = ['upd.security', 'disk.full', 'update.other'].map((id) => ({ id }) as AgentFinding)

test.each([
  [
    'System Health leaves updates to the Update Advisor that runs there',
    health,
    [advisor],
    ['disk.full', 'update.other'],
  ],
  ['without it, it says them itself', health, [], ['upd.security', 'disk.full', 'update.other']],
  ['to any other it leaves nothing', health, [janitor], ['upd.security', 'disk.full', 'update.other']],
  ['the Update Advisor says its own', advisor, [advisor], ['upd.security', 'disk.full', 'update.other']],
])('%s', (_, one, active, left) => {
  expect(withoutOwned(one, findings, new Set(active)).map(({ id }) => id)).toEqual(left)
})

test('only who leaves something to others has to know of them', () => {
  expect(ownersBeside(health)).toEqual([advisor])
  expect(ownersBeside(advisor)).toEqual([])
})
