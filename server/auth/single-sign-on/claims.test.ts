import { expect, test } from 'vitest'
import { userName } from '../../../contract/accounts.ts'
import type { Role } from '../../../contract/permissions.ts'
import { type Claims, groupsOf, nameFrom, roleFor, toReadable } from './claims.ts'

test.each<[string, Claims, string, string[] | null]>([
  ['a list', { groups: ['a', 'b'] }, 'groups', ['a', 'b']],
  ['one group as text', { groups: 'a' }, 'groups', ['a']],
  ['none', { groups: [] }, 'groups', []],
  ['no such claim', { sub: 'x' }, 'groups', null],
  ['a path, as Keycloak has it', { realm_access: { roles: ['a'] } }, 'realm_access.roles', ['a']],
  ['a name with dots in it', { 'https://x.example/groups': ['a'] }, 'https://x.example/groups', ['a']],
  ['a name before a path', { 'a.b': ['name'], a: { b: ['path'] } }, 'a.b', ['name']],
  ['a path that leads nowhere', { realm_access: null }, 'realm_access.roles', null],
  ['what every object has', {}, 'constructor.name', null],
  ['a number', { groups: 7 }, 'groups', null],
  ['an object', { groups: { a: true } }, 'groups', null],
  ['odd entries among groups', { groups: ['a', 1, null, '', { b: 1 }, 'x'.repeat(201)] }, 'groups', ['a']],
])('groups from %s', (_name, claims, claim, wanted) => {
  expect(groupsOf(claims, claim)).toEqual(wanted)
})

const groupRoles = [
  { group: 'family', role: 'viewer' as const },
  { group: 'ops', role: 'operator' as const },
  { group: 'root', role: 'admin' as const },
]
test.each<[string, string[], 'viewer' | 'operator' | null, Role | null]>([
  ['no group', [], null, null],
  ['a group that is not named', ['guests'], null, null],
  ['one that is named', ['ops'], null, 'operator'],
  ['several, of which the highest counts', ['family', 'root', 'ops'], null, 'admin'],
  ['another spelling, which is another group', ['Root', 'root '], null, null],
  ['no group, where everybody else may look', ['guests'], 'viewer', 'viewer'],
  ['a lower group than everybody else has, which counts', ['family'], 'operator', 'viewer'],
])('the role for %s', (_name, groups, otherwise, wanted) => {
  expect(roleFor(groups, { groupRoles, otherwise })).toBe(wanted)
})

test.each<[string, Claims, string]>([
  ['as they call themselves', { preferred_username: 'mia', email: 'm@x.example' }, 'mia'],
  ['by the address, without its second half', { email: 'mia.b@x.example' }, 'mia.b'],
  ['by the full name', { name: 'Mia Berg' }, 'Mia.Berg'],
  ['by the subject', {}, '0b9c'],
  ['without what names may not have', { preferred_username: ' <b>mia</b>\n ' }, 'b.mia.b'],
  ['never empty', { preferred_username: '///' }, '0b9c'],
  ['cut to length', { preferred_username: 'm'.repeat(300) }, 'm'.repeat(56)],
  ['not from what is no text', { preferred_username: ['mia'], email: 7 }, '0b9c'],
])('a new account is named %s', (_name, claims, wanted) => {
  expect(nameFrom(claims, '0b9c')).toBe(wanted)
  expect(userName.safeParse(wanted).success).toBe(true)
})

test('claims for reading are cut', () => {
  const [claim] = toReadable({ picture: 'x'.repeat(5_000) })
  expect(claim?.value).toHaveLength(2_001)
})
