import { describe, expect, test } from 'vitest'
import { judgeAddresses, judgeUrl, type OutgoingRules } from './judge.ts'
import { gatewaysIn } from './own-addresses.ts'

const open: OutgoingRules = { mode: 'open', named: [], own: ['192.168.1.10', 'fd00::10'] }
const strict = (...named: string[]): OutgoingRules => ({ ...open, mode: 'strict', named })
const naming = (...named: string[]): OutgoingRules => ({ ...open, named })

const urlCode = (address: string, rules = open) => judgeUrl(new URL(address), rules)?.code ?? 'ok'
const addressCode = (address: string, found: readonly string[], rules = open) =>
  judgeAddresses(new URL(address), found, rules)?.code ?? 'ok'
/** A literal address as it comes out of the URL parser. */
const literalCode = (address: string, rules = open) =>
  addressCode(address, [new URL(address).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')], rules)

describe('an address, before its name is resolved', () => {
  test.each([
    ['https://id.example.com/', 'ok'],
    ['http://id.home.lan:9091/', 'ok'],
    ['https://id.example.com:8443/', 'ok'],
    ['file:///etc/passwd', 'outgoing.url_not_allowed'],
    ['ftp://example.com/', 'outgoing.url_not_allowed'],
    ['gopher://127.0.0.1:6379/_INFO', 'outgoing.url_not_allowed'],
    ['data:text/plain,hello', 'outgoing.url_not_allowed'],
    ['unix:/var/run/docker.sock', 'outgoing.url_not_allowed'],
    ['https://anna:secret@example.com/', 'outgoing.url_not_allowed'],
    ['https://example.com@127.0.0.1/', 'outgoing.url_not_allowed'],
    ['http://nas.lan:22/', 'outgoing.url_not_allowed'],
    ['http://nas.lan:25/', 'outgoing.url_not_allowed'],
    ['http://nas.lan:2375/containers/json', 'outgoing.url_not_allowed'],
    ['http://nas.lan:6379/', 'outgoing.url_not_allowed'],
    ['http://nas.lan:5432/', 'outgoing.url_not_allowed'],
  ])('%s: %s', (address, code) => {
    expect(urlCode(address)).toBe(code)
  })

  test.each([
    ['https://id.home.lan/', [], 'outgoing.host_not_listed'],
    ['https://id.home.lan/', ['id.home.lan'], 'ok'],
    ['https://ID.home.LAN./', ['id.home.lan'], 'ok'],
    ['https://id.home.lan:9091/', ['id.home.lan'], 'ok'],
    ['https://id.home.lan:9091/', ['id.home.lan:9092'], 'outgoing.host_not_listed'],
    ['https://id.home.lan/', ['id.home.lan:443'], 'ok'],
    ['http://id.home.lan/', ['id.home.lan:443'], 'outgoing.host_not_listed'],
    ['https://evil.id.home.lan/', ['id.home.lan'], 'outgoing.host_not_listed'],
    ['https://id.home.lan.evil.com/', ['id.home.lan'], 'outgoing.host_not_listed'],
    ['http://nas.lan:6379/', ['nas.lan'], 'outgoing.url_not_allowed'],
    ['http://nas.lan:6379/', ['nas.lan:6379'], 'ok'],
  ])('in strict mode, %s with %j named: %s', (address, named, code) => {
    expect(urlCode(address, strict(...named))).toBe(code)
  })
})

describe('every spelling of a forbidden address', () => {
  test.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f.1/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://017700000001/',
    'http://0177.0.0.1/',
    'http://127.0.0.1./',
    'http://①②⑦.⓪.⓪.①/',
    'http://%31%32%37.0.0.1/',
    'http://0/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http://[::1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::127.0.0.1]/',
    'http://[64:ff9b:1::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[fe80::1]/',
    'http://[ff02::1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://0xa9fea9fe/',
    'http://2852039166/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[2002:a9fe:a9fe::]/',
    'http://[fd00:ec2::254]/',
    'http://100.100.100.200/',
    'http://168.63.129.16/',
    'http://255.255.255.255/',
    'http://192.168.1.10/',
    'http://0xc0a8010a/',
    'http://[::ffff:192.168.1.10]/',
    'http://[fd00:0:0:0:0:0:0:10]/',
  ])('%s is refused', (address) => {
    expect(literalCode(address)).toBe('outgoing.address_not_allowed')
  })

  test.each([
    'http://192.168.1.20/',
    'http://10.0.0.1/',
    'http://100.64.0.7/',
    'http://[fd12::1]/',
    'http://8.8.8.8/',
  ])('%s is an ordinary place', (address) => {
    expect(literalCode(address)).toBe('ok')
  })
})

describe('what a name resolved to', () => {
  test.each([
    ['a public and a private address', 'https://id.home.lan/', ['8.8.8.8', '192.168.1.4'], 'ok'],
    ['nip.io style', 'http://127.0.0.1.nip.io/', ['127.0.0.1'], 'outgoing.address_not_allowed'],
    ['hexadecimal nip.io style', 'http://7f000001.nip.io/', ['127.0.0.1'], 'outgoing.address_not_allowed'],
    [
      'localhost by another name',
      'http://localtest.me/',
      ['::1', '127.0.0.1'],
      'outgoing.address_not_allowed',
    ],
    [
      'one bad among good ones',
      'https://a.example/',
      ['8.8.8.8', '169.254.169.254'],
      'outgoing.address_not_allowed',
    ],
    ['this machine', 'https://carl.home.lan/', ['192.168.1.10'], 'outgoing.address_not_allowed'],
    ['nothing', 'https://a.example/', [], 'outgoing.name_not_found'],
    ['no address', 'https://a.example/', ['nonsense'], 'outgoing.name_not_found'],
  ])('%s', (_what, address, found, code) => {
    expect(addressCode(address, found)).toBe(code)
  })

  test('only the very host that was named may lie at a forbidden address', () => {
    const rules = naming('ollama.home.lan:11434')
    expect(addressCode('http://ollama.home.lan:11434/', ['127.0.0.1'], rules)).toBe('ok')
    expect(addressCode('http://ollama.home.lan:8080/', ['127.0.0.1'], rules)).toBe(
      'outgoing.address_not_allowed',
    )
    expect(addressCode('http://a.ollama.home.lan:11434/', ['127.0.0.1'], rules)).toBe(
      'outgoing.address_not_allowed',
    )
    expect(addressCode('http://127.0.0.1:11434/', ['127.0.0.1'], rules)).toBe('outgoing.address_not_allowed')
  })
})

describe('a host that a node named', () => {
  const strange = (...named: string[]): OutgoingRules => ({ ...naming(...named), isHomeNamed: true })
  test.each([
    ['in the world', ['93.184.216.34'], [], 'ok'],
    ['at home', ['192.168.1.7'], [], 'outgoing.home_not_allowed'],
    ['at home in another spelling', ['::ffff:10.0.0.5'], [], 'outgoing.home_not_allowed'],
    ['in the world and at home', ['93.184.216.34', 'fd00::5'], [], 'outgoing.home_not_allowed'],
    ['at home, and allowed by name', ['192.168.1.7'], ['registry.lan'], 'ok'],
    ['at this machine', ['127.0.0.1'], [], 'outgoing.address_not_allowed'],
  ])('that lies %s: %j with %j named: %s', (_where, found, named, code) => {
    expect(addressCode('https://registry.lan/', found, strange(...named))).toBe(code)
  })
})

test('the gateway of a container is read from what the kernel says', () => {
  const routes = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    '',
  ].join('\n')
  expect(gatewaysIn(routes)).toEqual(['172.17.0.1'])
  expect(gatewaysIn('')).toEqual([])
})
