import { describe, expect, test } from 'vitest'
import { can, isForTokens, type Permission, permissions, type Role } from './permissions.ts'

const allOf = (who: Role) =>
  (Object.keys(permissions) as Permission[]).filter((permission) => can(who, permission))

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

  test('whoever only looks, changes nothing but the own account', () => {
    expect(allOf('viewer').filter((permission) => !permission.endsWith('.read'))).toEqual([
      'account.write',
      'live.open',
    ])
  })
})
