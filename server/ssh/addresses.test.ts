import { expect, test } from 'vitest'
import { isAllowed } from './addresses.ts'

const home = ['10.0.0.0/8', '192.168.0.0/16', 'fd00::/8']

test.each([
  ['10.1.2.3', home, true],
  ['192.168.178.20', home, true],
  ['fd12:3456::1', home, true],
  ['8.8.8.8', home, false],
  ['2001:db8::1', home, false],
  ['8.8.8.8', [], false],
  ['203.0.113.7', ['203.0.113.7'], true],
  ['203.0.113.8', ['203.0.113.7'], false],
])('%s, with %j allowed: %s', (address, networks, allowed) => {
  expect(isAllowed(address, networks)).toBe(allowed)
})

test.each([
  '::ffff:8.8.8.8',
  '::ffff:808:808',
  '::FFFF:0808:0808',
  '0:0:0:0:0:ffff:8.8.8.8',
  '[::ffff:808:808]',
])('an IPv4 address is judged as one, also when it is spelled %s', (address) => {
  expect(isAllowed(address, ['::/0'])).toBe(false)
  expect(isAllowed(address, ['8.8.8.0/24'])).toBe(true)
})

test.each([
  ['loopback', '127.0.0.1', '127.0.0.0/8'],
  ['loopback in another spelling', '::ffff:7f00:1', '127.0.0.1'],
  ['loopback of IPv6', '::1', '::1'],
  ['the metadata address of clouds', '169.254.169.254', '169.254.169.254/32'],
  ['link-local', 'fe80::1%eth0', 'fe80::/10'],
  ['multicast', '224.0.0.251', '224.0.0.0/4'],
  ['multicast of IPv6', 'ff02::1', 'ff00::/8'],
  ['the unspecified address', '0.0.0.0', '0.0.0.0'],
])('%s is refused by networks that merely contain it, and allowed by name', (_what, address, network) => {
  expect(isAllowed(address, ['0.0.0.0/0', '::/0', '128.0.0.0/1', '0.0.0.0/1', 'fc00::/6'])).toBe(false)
  expect(isAllowed(address, [network])).toBe(true)
})

test.each(['', 'nas.lan', '10.0.0', '10.0.0.1 ', '0x0a000001', '010.0.0.1', '10.0.0.1/8'])(
  '%j is no address, so it is in no network',
  (text) => {
    expect(isAllowed(text, ['0.0.0.0/0', '::/0'])).toBe(false)
  },
)

test.each(['nonsense', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0.0/', 'fd00::/129'])(
  'a network written as %j allows nothing',
  (network) => {
    expect(isAllowed('10.0.0.1', [network])).toBe(false)
    expect(isAllowed('fd00::1', [network])).toBe(false)
  },
)
