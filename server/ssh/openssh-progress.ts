import { hostKeyMark } from './openssh-options.ts'
import { hostKeyOf } from './host-key.ts'
import type { HostKeyBlob } from './transport.ts'

/** How far a login of ssh has come, as its `-v` tells. */
export interface Progress {
  /** The key the node offered, trusted or not; null while it has shown none. */
  readonly hostKey: HostKeyBlob | null
  readonly algorithms: Record<string, string>
  /** A credential has been sent: from then on nothing is tried again by itself. */
  readonly isTried: boolean
  /** The login is done, and the socket for channels is there. */
  readonly isIn: boolean
}

/** Reads what ssh has said so far. Nothing a node says can stand at the start of a line before its key is checked. */
export function progressOf(said: string): Progress {
  const find = (pattern: RegExp) => pattern.exec(said)?.[1]
  const key = find(new RegExp(`^${hostKeyMark} [\\w@.-]+ ([A-Za-z0-9+/]{20,}=*)\\s*$`, 'm'))
  const named = {
    kex: find(/^debug1: kex: algorithm: (\S+)/m),
    hostKey: find(/^debug1: kex: host key algorithm: (\S+)/m),
    cipher: find(/^debug1: kex: client->server cipher: (\S+)/m),
    mac: find(/^debug1: kex: client->server cipher: \S+ MAC: ([^\s<]+)/m),
  }
  return {
    hostKey: key ? hostKeyOf(Buffer.from(key, 'base64')) : null,
    algorithms: Object.fromEntries(
      Object.entries(named).flatMap(([name, value]) => (value ? [[name, value]] : [])),
    ),
    isTried:
      /^debug1: (Offering public key|Next authentication method: (password|keyboard-interactive))/m.test(
        said,
      ),
    isIn: /^debug1: Entering interactive session/m.test(said),
  }
}
