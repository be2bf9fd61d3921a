import { expect, test } from 'vitest'
import { readProxyUser } from './proxy-user.ts'

const names = { user: 'remote-user', groups: 'remote-groups' }
const proxied = { isProxied: true }
const none = { kind: 'none' }
const notBelieved = { kind: 'not-believed' }
const named = (user: string, groups: string[] = []) => ({ kind: 'named', user, groups })
const asSent = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

test.each<[string, object, Record<string, string>, object]>([
  ['by a trusted proxy', proxied, { 'remote-user': 'mia' }, named('mia')],
  ['with groups', proxied, { 'remote-user': 'mia', 'remote-groups': 'a, b,,a' }, named('mia', ['a', 'b'])],
  [
    'with groups as Authentik has them',
    proxied,
    { 'remote-user': 'm', 'remote-groups': 'a|b c' },
    named('m', ['a', 'b c']),
  ],
  ['with letters beyond ASCII', proxied, { 'remote-user': asSent('jürgen') }, named('jürgen')],
  ['by a stranger', { isProxied: false }, { 'remote-user': 'admin' }, notBelieved],
  ['by nobody', proxied, { 'remote-groups': 'root' }, none],
  ['twice, the second time by the caller', proxied, { 'remote-user': 'mia, admin' }, notBelieved],
  ['as nothing', proxied, { 'remote-user': ' ' }, notBelieved],
  ['at endless length', proxied, { 'remote-user': 'm'.repeat(201) }, notBelieved],
])('somebody named %s', (_name, peer, headers, wanted) => {
  expect(readProxyUser(names, peer as typeof proxied, headers)).toEqual(wanted)
})

test('no header counts where nobody has switched that on', () => {
  expect(readProxyUser(null, proxied, { 'remote-user': 'mia' })).toEqual(none)
})
