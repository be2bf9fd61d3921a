import { isIP } from 'node:net'
import type { ErrorCode } from '../../contract/errors.ts'
import { tierOf, unwrap } from '../lib/addresses.ts'

/** What the settings and the machine say about where requests may go. */
export interface OutgoingRules {
  readonly mode: 'open' | 'strict'
  /** `host` or `host:port`, in lower case, named one by one by an administrator. */
  readonly named: readonly string[]
  /** Addresses of this machine itself, and of the machine whose container it is. */
  readonly own: readonly string[]
  /** Whether addresses of home networks have to be named as well; they are fine when left out. */
  readonly isHomeNamed?: boolean
}

export interface OutgoingRefusal {
  readonly code: ErrorCode & `outgoing.${string}`
  readonly detail: string
}

/** Ports above 1023 where no web server is: databases, Docker, etcd, Kubernetes and others that trust who reaches them. */
const otherServices = new Set([
  1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4444, 5432, 5672, 5900, 5984, 6000, 6379, 6443,
  6667, 8500, 9042, 9200, 9300, 10_250, 10_255, 11_211, 26_379, 27_017,
])

/** Where mail is handed in. */
export const mailPorts: PortRule = (port) => [25, 465, 587, 2525].includes(port)
/** Where SFTP servers listen; boxes at home often move it. */
export const sftpPorts: PortRule = (port) => port === 22 || (port > 1023 && isWebPort(port))
/** Where brokers of messages listen; homelabs move them around. */
export const brokerPorts: PortRule = (port) => port === 1883 || port === 8883 || isWebPort(port)

/** Says whether a port is one that servers of this kind have. Any other one has to be named with its host. */
export type PortRule = (port: number) => boolean

const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80))
const isWebPort: PortRule = (port) => port === 80 || port === 443 || (port > 1023 && !otherServices.has(port))

/**
 * The host of an address without the dot at its end, which means the same: `localhost.` is `localhost`. The URL parser
 * has already turned `0x7f.1`, `017700000001` and `2130706433` into `127.0.0.1`.
 */
export const hostOf = (url: URL): string => url.hostname.replace(/\.$/, '')
/** As it is listed and named: with the port where it is not the usual one. */
export const placeOf = (url: URL): string => (url.port ? `${hostOf(url)}:${url.port}` : hostOf(url))

const isNamed = (url: URL, named: readonly string[], isUsual: PortRule): boolean =>
  named.includes(`${hostOf(url)}:${portOf(url)}`) || (isUsual(portOf(url)) && named.includes(hostOf(url)))

/** Judges an address by what it says, before any name is resolved. Null when it may go on. */
export function judgeUrl(
  url: URL,
  { mode, named }: OutgoingRules,
  isUsual: PortRule = isWebPort,
): OutgoingRefusal | null {
  const refused = (detail: string): OutgoingRefusal => ({ code: 'outgoing.url_not_allowed', detail })
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refused('Only http and https are spoken.')
  if (url.username || url.password) return refused('An address holds no user name and no password.')
  if (hostOf(url) === '') return refused('The address names no host.')
  if (isNamed(url, named, isUsual)) return null
  if (!isUsual(portOf(url))) return refused(`Port ${portOf(url)} is none that such servers have.`)
  if (mode === 'open') return null
  return {
    code: 'outgoing.host_not_listed',
    detail: `${placeOf(url)} is not among the hosts that are allowed by name.`,
  }
}

/** Judges every address a name resolved to: one that is out is one too many. Null when all are good. */
export function judgeAddresses(
  url: URL,
  addresses: readonly string[],
  { named, own, isHomeNamed = false }: OutgoingRules,
  isUsual: PortRule = isWebPort,
): OutgoingRefusal | null {
  if (addresses.length === 0 || addresses.some((address) => isIP(address) === 0)) {
    return { code: 'outgoing.name_not_found', detail: `${hostOf(url)} has no address.` }
  }
  if (isNamed(url, named, isUsual)) return null
  const ours = new Set(own.map(unwrap))
  const bad = addresses.find((address) => tierOf(address) === 'forbidden' || ours.has(unwrap(address)))
  const where = (address: string) =>
    hostOf(url).replace(/^\[|\]$/g, '') === address ? address : `${hostOf(url)} is at ${address}, which`
  if (bad !== undefined) {
    return {
      code: 'outgoing.address_not_allowed',
      detail: `${where(bad)} leads to this machine itself, to its link, or to no ordinary place.`,
    }
  }
  const home = isHomeNamed ? addresses.find((address) => tierOf(address) === 'private') : undefined
  if (home === undefined) return null
  return {
    code: 'outgoing.home_not_allowed',
    detail: `${where(home)} is in a network of yours and not among the hosts allowed by name.`,
  }
}
