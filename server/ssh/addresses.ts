import { BlockList, isIP, SocketAddress } from 'node:net'

/** Never reached through a network that merely contains them: only when a listed network lies inside. */
const special = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255/32',
  '::/128',
  '::1/128',
  'fe80::/10',
  'ff00::/8',
].map(toNetwork)

interface Network {
  readonly base: string
  readonly family: 'ipv4' | 'ipv6'
  readonly bits: number
  readonly list: BlockList
}

/**
 * Says whether a server address lies in one of the networks (`10.0.0.0/8`, `fd00::/8`, a single address). Loopback,
 * link-local (cloud metadata) and multicast addresses are allowed only by a network of their own, not by `0.0.0.0/0`.
 */
export function isAllowed(address: string, networks: readonly string[]): boolean {
  const plain = unwrap(address)
  if (!plain) return false
  const kind = special.find((network) => network && contains(network, plain))
  return networks.some((text) => {
    const network = toNetwork(text)
    return network !== null && contains(network, plain) && (!kind || liesIn(network, kind))
  })
}

/** An IPv4 address inside an IPv6 one, in whatever spelling, is that IPv4 address. Null for what is no address. */
export function unwrap(address: string): string | null {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const family = isIP(bare)
  if (family === 4) return bare
  if (family !== 6) return null
  const spelled = new SocketAddress({ address: bare, family: 'ipv6' }).address
  return /^::(?:ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(spelled)?.[1] ?? spelled
}

function toNetwork(text: string): Network | null {
  const [base = '', bits, ...rest] = text.trim().split('/')
  const version = isIP(base)
  if (version === 0 || rest.length > 0) return null
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const length = bits === undefined ? (version === 4 ? 32 : 128) : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
  if (length < 0 || length > (version === 4 ? 32 : 128)) return null
  const list = new BlockList()
  list.addSubnet(base, length, family)
  return { base, family, bits: length, list }
}

const contains = ({ list, family }: Network, address: string): boolean =>
  (isIP(address) === 4) === (family === 'ipv4') && list.check(address, family)

const liesIn = (inner: Network, outer: Network): boolean =>
  inner.bits >= outer.bits && contains(outer, inner.base)
