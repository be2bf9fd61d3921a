import { describe, expect, test } from 'vitest'
import { can, isForTokens, isInScope, type Permission, permissions, type Role } from './permissions.ts'

const allOf = (who: Role) =>
  (Object.keys(permissions) as Permission[]).filter((permission) => can(who, permission))

test.each([
  ['no limit', null, 'node.write', true],
  ['its own area', ['node'], 'node.write', true],
  ['another area', ['node'], 'credential.read', false],
  ['an area whose name begins alike', ['node'], 'nodes.read' as Permission, false],
  ['who it stands for', ['cost'], 'account.read', true],
  ['the live socket, whose topics are asked one by one', ['cost'], 'live.open', true],
  ['the account it belongs to', ['cost'], 'account.write', false],
] as const)('a token limited to some areas: %s', (_, limits, permission, wanted) => {
  expect(isInScope(permission, limits)).toBe(wanted)
})

describe('who may do what', () => {
  test.each<[who: Role, permission: Permission, may: boolean]>([
    ['viewer', 'execution.read', true],
    ['viewer', 'execution.start', false],
    ['viewer', 'execution.cancel', false],
    ['viewer', 'finding.write', false],
    ['viewer', 'credential.read', false],
    ['operator', 'execution.start', true],
    ['operator', 'execution.cancel', true],
    ['operator', 'node.test', true],
    ['viewer', 'plan.read', true],
    ['viewer', 'plan.approve', false],
    ['operator', 'plan.approve', true],
    ['operator', 'plan.approve-destructive', false],
    ['operator', 'policy.write', false],
    ['operator', 'node.write', false],
    ['operator', 'credential.read', false],
    ['operator', 'audit.read', false],
    ['operator', 'settings.write', false],
    ['admin', 'credential.write', true],
    ['admin', 'audit.read', true],
  ])('%s, %s: %s', (who, permission, may) => {
    expect(can(who, permission)).toBe(may)
  })

  test('whoever may more, may all that others may', () => {
    expect(allOf('operator')).toEqual(expect.arrayContaining(allOf('viewer')))
    expect(allOf('admin')).toEqual(Object.keys(permissions))
  })

  test('a token changes no account', () => {
    expect([isForTokens('account.write'), isForTokens('account.read')]).toEqual([false, true])
  })

  test('a token approves no change of a node', () => {
    expect([isForTokens('plan.approve'), isForTokens('plan.read')]).toEqual([false, true])
  })

  test('whoever only looks, changes nothing but the own account', () => {
    expect(allOf('viewer').filter((permission) => !permission.endsWith('.read'))).toEqual([
      'account.write',
      'live.open',
    ])
  })
})
