import { expect, test } from 'vitest'
import type { AgentFinding } from '../../contract/agent-protocol.ts'
import { agentId } from '../../contract/ids.ts'
import { ownersBeside, withoutOwned } from './owners.ts'

const health = agentId.parse('system-health')
const advisor = agentId.parse('update-advisor')
const janitor = agentId.parse('docker-janitor')
const every = ['upd.security', 'upd.reboot', 'disk.full', 'update.other']
const findings = every.map((id) => ({ id }) as AgentFinding)

test.each([
  [
    'System Health leaves updates to the Update Advisor that looks at them',
    health,
    advisor,
    ['packages', 'reboot'],
    every.slice(2),
  ],
  ['not those that it did not look at', health, advisor, ['packages'], every.slice(1)],
  ['nor any when it looks at images alone', health, advisor, ['images'], every],
  ['to any other it leaves nothing', health, janitor, ['packages', 'reboot'], every],
  ['the Update Advisor says its own', advisor, advisor, ['packages', 'reboot'], every],
])('%s', (_, one, owner, seen, left) => {
  const told = new Map([[owner, new Set(seen)]])
  expect(withoutOwned(one, findings, told).map(({ id }) => id)).toEqual(left)
})

test('only who leaves something to others has to know of them', () => {
  expect(ownersBeside(health)).toEqual([advisor])
  expect(ownersBeside(advisor)).toEqual([])
})
