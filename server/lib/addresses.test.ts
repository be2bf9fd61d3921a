import { expect, test } from 'vitest'
import { isAllowed, tierOf, unwrap } from './addresses.ts'

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

test.each([
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['::ffff:7f00:1', '127.0.0.1'],
  ['0:0:0:0:0:FFFF:7F00:0001', '127.0.0.1'],
  ['::127.0.0.1', '127.0.0.1'],
  ['::ffff:0:127.0.0.1', '127.0.0.1'],
  ['64:ff9b::a9fe:a9fe', '169.254.169.254'],
  ['64:ff9b::169.254.169.254', '169.254.169.254'],
  ['2002:7f00:1::', '127.0.0.1'],
  ['2002:a9fe:a9fe::1', '169.254.169.254'],
  ['fe80::5efe:10.0.0.1', '10.0.0.1'],
  ['2001:db8::5efe:127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  ['::', '::'],
  ['2001:db8::1', '2001:db8::1'],
])('%s leads to %s', (address, end) => {
  expect(unwrap(address)).toBe(end)
})

test.each([
  ['127.0.0.1', 'forbidden'],
  ['127.255.255.254', 'forbidden'],
  ['0.0.0.0', 'forbidden'],
  ['169.254.169.254', 'forbidden'],
  ['168.63.129.16', 'forbidden'],
  ['100.100.100.200', 'forbidden'],
  ['fd00:ec2::254', 'forbidden'],
  ['fd00:0ec2:0:0:0:0:0:0254', 'forbidden'],
  ['224.0.0.1', 'forbidden'],
  ['255.255.255.255', 'forbidden'],
  ['240.0.0.1', 'forbidden'],
  ['::', 'forbidden'],
  ['::1', 'forbidden'],
  ['fe80::1%eth0', 'forbidden'],
  ['ff02::1', 'forbidden'],
  ['::ffff:127.0.0.1', 'forbidden'],
  ['64:ff9b::7f00:1', 'forbidden'],
  ['64:ff9b:1::7f00:1', 'forbidden'],
  ['2002:7f00:1::1', 'forbidden'],
  ['2001:0:4136:e378:8000:63bf:80ff:fffe', 'forbidden'],
  ['192.168.1.5', 'private'],
  ['10.0.0.1', 'private'],
  ['172.31.255.1', 'private'],
  ['100.64.0.7', 'private'],
  ['fd12::1', 'private'],
  ['::ffff:192.168.1.5', 'private'],
  ['2002:c0a8:105::', 'private'],
  ['8.8.8.8', 'public'],
  ['172.32.0.1', 'public'],
  ['2606:4700::1111', 'public'],
  ['64:ff9b::808:808', 'public'],
  ['nas.lan', null],
  ['0x7f.1', null],
  ['2130706433', null],
])('%s is %s', (address, tier) => {
  expect(tierOf(address)).toBe(tier)
})
