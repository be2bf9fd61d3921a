import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Who calls and by which address, as far as it can be believed. */
export interface Peer {
  readonly ip: string
  readonly scheme: 'http' | 'https'
  /** Host and port the caller used, lower case, e.g. `carl.home:3000`; null when it named none. */
  readonly host: string | null
  /** Whether a trusted proxy opened the connection. */
  readonly isProxied: boolean
}

interface Arrival {
  /** Address at the other end of the connection. */
  readonly address: string
  readonly isEncrypted: boolean
  readonly headers: IncomingHttpHeaders
}

/**
 * Reads who calls. `X-Forwarded-For`, `-Proto` and `-Host` count only when the connection comes from one of the
 * trusted addresses or networks; from anybody else they are what a stranger claims.
 */
export function createPeerReader(trusted: readonly string[]) {
  const proxies = new BlockList()
  for (const entry of trusted) {
    const [network = '', bits] = entry.split('/')
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4'
    proxies.addSubnet(network, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  }
  const isProxy = (ip: string) => proxies.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4')

  return function readPeer({ address, isEncrypted, headers }: Arrival): Peer {
    const ip = toPlainIp(address) ?? address
    const direct: Peer = {
      ip,
      scheme: isEncrypted ? 'https' : 'http',
      host: headers.host?.toLowerCase() ?? null,
      isProxied: false,
    }
    if (!isIP(ip) || !isProxy(ip)) return direct
    const scheme = lastOf(headers['x-forwarded-proto'])?.toLowerCase()
    return {
      ip: clientOf(headers['x-forwarded-for'], ip, isProxy),
      scheme: scheme === 'https' || scheme === 'http' ? scheme : direct.scheme,
      host: lastOf(headers['x-forwarded-host'])?.toLowerCase() ?? direct.host,
      isProxied: true,
    }
  }
}
export type ReadPeer = ReturnType<typeof createPeerReader>

/**
 * Walks from our side of the chain outwards while it is proxies we trust: the first other address is the client. What
 * stands further left was written by the client itself.
 */
function clientOf(
  header: string | string[] | undefined,
  nearest: string,
  isProxy: (ip: string) => boolean,
): string {
  let client = nearest
  for (const hop of listOf(header).toReversed()) {
    const ip = toPlainIp(hop)
    if (ip === null) return client
    client = ip
    if (!isProxy(ip)) return client
  }
  return client
}

/** An address without port, brackets, zone or the IPv6 spelling of an IPv4 address; null if it is none. */
function toPlainIp(text: string): string | null {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
  const ip = bare.replace(/%.*$/, '').replace(/^::ffff:(?=[\d.]+$)/i, '')
  return isIP(ip) ? ip : null
}

const listOf = (header: string | string[] | undefined): string[] =>
  [header ?? []]
    .flat()
    .flatMap((line) => line.split(','))
    .map((part) => part.trim())
    .filter(Boolean)

/** What the proxy next to us said; anything before it came from further out. */
const lastOf = (header: string | string[] | undefined): string | undefined => listOf(header).at(-1)
