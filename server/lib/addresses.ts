import { BlockList, isIP } from 'node:net'

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

/** Further ones that no page or provider has: metadata of Azure, Alibaba and Amazon, and networks that are reserved. */
const hazards = [
  '168.63.129.16',
  '100.100.100.200',
  'fd00:ec2::254',
  '192.0.0.0/24',
  '198.18.0.0/15',
  '240.0.0.0/4',
  // Ways to carry an IPv4 address whose place inside is not certain: local NAT64, Teredo.
  '64:ff9b:1::/48',
  '2001::/32',
  '100::/64',
  'fec0::/10',
].map(toNetwork)

const homes = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map(toNetwork)

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

/**
 * An IPv4 address inside an IPv6 one, in whatever spelling and by whatever way of carrying it (mapped, compatible, NAT64,
 * 6to4, ISATAP), is that IPv4 address: there is where a connection ends. Null for what is no address.
 */
export function unwrap(address: string): string | null {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const family = isIP(bare)
  if (family !== 6) return family === 4 ? bare : null
  const groups = groupsOf(bare)
  if (!groups) return null
  const inside = ipv4Inside(groups)
  return inside ? inside.flatMap((group) => [group >> 8, group & 255]).join('.') : bare.toLowerCase()
}

/** The eight 16-bit parts of an IPv6 address, however it is spelt; null for what is none. */
export function groupsOf(address: string): number[] | null {
  const canonical = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1)
  if (canonical === undefined) return null
  const [head = [], tail] = canonical.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const zeros = tail ? 8 - head.length - tail.length : 0
  return [...head, ...Array<string>(zeros).fill('0'), ...(tail ?? [])].map((group) =>
    Number.parseInt(group, 16),
  )
}

/** RFC 4291 (compatible, mapped), 2765 (translated), 6052 (NAT64), 3056 (6to4), 5214 (ISATAP). */
function ipv4Inside(groups: readonly number[]): readonly number[] | null {
  const [a, b = 0, c = 0, d, e, f, g = 0, h = 0] = groups
  const startsWith = (...wanted: number[]) => wanted.every((group, at) => groups[at] === group)
  if (startsWith(0, 0, 0, 0, 0, 0)) return g === 0 && h <= 1 ? null : [g, h]
  if (startsWith(0, 0, 0, 0, 0, 0xffff) || startsWith(0, 0, 0, 0, 0xffff, 0)) return [g, h]
  if (startsWith(0x64, 0xff9b, 0, 0, 0, 0)) return [g, h]
  if (a === 0x2002 && d !== undefined) return [b, c]
  return (e === 0 || e === 0x200) && f === 0x5efe ? [g, h] : null
}

/**
 * How far an address is to be trusted as the end of a connection: `forbidden` leads to this machine, its link or the
 * keeper of a cloud's secrets, or nowhere; `private` lies in the homelab. Null for what is no address.
 */
export type Tier = 'forbidden' | 'private' | 'public'

export function tierOf(address: string): Tier | null {
  const plain = unwrap(address)
  if (!plain) return null
  const liesInOneOf = (networks: readonly (Network | null)[]) =>
    networks.some((network) => network && contains(network, plain))
  if (liesInOneOf(special) || liesInOneOf(hazards)) return 'forbidden'
  return liesInOneOf(homes) ? 'private' : 'public'
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
