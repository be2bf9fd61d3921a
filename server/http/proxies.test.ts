import { expect, test } from 'vitest'
import { createPeerReader } from './proxies.ts'

const headers = {
  host: 'inside:3000',
  'x-forwarded-for': '203.0.113.9, 192.168.1.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'Carl.Home',
}
const direct = (ip: string) => ({ ip, scheme: 'http', host: 'inside:3000', isProxied: false })
const proxied = (ip: string) => ({ ip, scheme: 'https', host: 'carl.home', isProxied: true })

const cases: [string, { trusted: string[]; address: string; given?: object }, object][] = [
  ['nobody is trusted by itself', { trusted: [], address: '127.0.0.1' }, direct('127.0.0.1')],
  ['a stranger is not believed', { trusted: ['172.18.0.0/16'], address: '10.0.0.5' }, direct('10.0.0.5')],
  ['a proxy by its network', { trusted: ['172.18.0.0/16'], address: '172.18.0.2' }, proxied('192.168.1.7')],
  ['a proxy by its address', { trusted: ['172.18.0.2'], address: '172.18.0.2' }, proxied('192.168.1.7')],
  [
    'an IPv4 proxy on an IPv6 socket',
    { trusted: ['172.18.0.2'], address: '::ffff:172.18.0.2' },
    proxied('192.168.1.7'),
  ],
  ['a proxy by its IPv6 network', { trusted: ['fd00::/8'], address: 'fd00::1' }, proxied('192.168.1.7')],
  [
    'two proxies in a row',
    { trusted: ['172.18.0.2', '192.168.1.0/24'], address: '172.18.0.2' },
    proxied('203.0.113.9'),
  ],
  [
    'a client that names an address for itself',
    {
      trusted: ['172.18.0.2'],
      address: '172.18.0.2',
      given: { 'x-forwarded-for': '127.0.0.1, 198.51.100.3' },
    },
    proxied('198.51.100.3'),
  ],
  [
    'addresses with ports and brackets',
    { trusted: ['172.18.0.2'], address: '172.18.0.2', given: { 'x-forwarded-for': '[2001:db8::1]:4711' } },
    proxied('2001:db8::1'),
  ],
  [
    'an address that is none ends the chain',
    { trusted: ['172.18.0.2'], address: '172.18.0.2', given: { 'x-forwarded-for': '198.51.100.3, unknown' } },
    proxied('172.18.0.2'),
  ],
  [
    'what stands before the word of the nearest proxy',
    {
      trusted: ['172.18.0.2'],
      address: '172.18.0.2',
      given: { 'x-forwarded-proto': 'http, https', 'x-forwarded-host': 'evil.example, carl.home' },
    },
    proxied('192.168.1.7'),
  ],
  [
    'a scheme that is none',
    { trusted: ['172.18.0.2'], address: '172.18.0.2', given: { 'x-forwarded-proto': 'gopher' } },
    { ...proxied('192.168.1.7'), scheme: 'http' },
  ],
]

test.each(cases)('%s', (_what, { trusted, address, given }, expected) => {
  const readPeer = createPeerReader(trusted)
  expect(readPeer({ address, isEncrypted: false, headers: { ...headers, ...given } })).toEqual(expected)
})

test('a connection that is encrypted itself is HTTPS', () => {
  const peer = createPeerReader([])({ address: '10.0.0.5', isEncrypted: true, headers: {} })
  expect(peer).toEqual({ ip: '10.0.0.5', scheme: 'https', host: null, isProxied: false })
})
