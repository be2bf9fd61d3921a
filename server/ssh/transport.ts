import type { Duplex, Readable, Writable } from 'node:stream'
import type { Secret } from '../lib/secret.ts'

/**
 * What the rest of the house knows of SSH. Two transports speak it: the built-in client and the OpenSSH client
 * of this machine. Failures are thrown as `AppError` with an `ssh.*` code.
 */

/** A host key, as known_hosts has it. */
export interface HostKeyBlob {
  readonly type: string
  /** Base64 of the key blob. */
  readonly key: string
  /** `SHA256:…` as ssh-keygen prints it. */
  readonly fingerprint: string
}

/** What opens the node. Exactly one per connection, so a wrong one costs one failure and no more. */
export type Login =
  | { readonly kind: 'key' /** Unencrypted OpenSSH private key. */; readonly privateKey: Secret }
  | { readonly kind: 'password'; readonly password: Secret }

/** Everything needed to reach one node; built by whoever knows nodes and credentials. */
export interface SshTarget {
  /** The same node with the same credential has the same key: that is what the pool shares by. */
  readonly poolKey: string
  readonly name: string
  readonly host: string
  readonly port: number
  readonly username: string
  readonly transport: 'builtin' | 'openssh'
  readonly legacyAlgorithms: boolean
  /** Trusted keys. Empty means nothing is confirmed yet, and connecting is refused with the key shown. */
  readonly hostKeys: readonly HostKeyBlob[]
  /** New connections per hour; 0 for no limit. */
  readonly connectionsPerHour: number
  readonly jump: SshTarget | null
  /** Lends the credential for the moment of logging in. */
  withLogin<Result>(use: (login: Login) => Promise<Result>): Promise<Result>
  /** Hears what happened on the way: for the audit trail, quarantine and newly learnt keys. */
  onEvent(event: ConnectEvent): void
}

export type ConnectEvent =
  | {
      readonly kind: 'connected'
      readonly address: string
      readonly hostKey: HostKeyBlob
      readonly algorithms: Record<string, string>
      readonly attempt: number
      readonly ms: number
    }
  | {
      readonly kind: 'failed'
      readonly code: string
      readonly detail: string
      readonly attempt: number
      readonly willRetry: boolean
    }
  /** Keys the node proved to own over a connection that a trusted key authenticated. */
  | { readonly kind: 'host-keys'; readonly keys: readonly HostKeyBlob[] }
  | { readonly kind: 'closed'; readonly reason: string }

/** One command on a node. Streams are raw bytes; `ended` resolves when the channel is closed, however that came. */
export interface SshChannel {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Both null when the link broke: never taken for success or for failure of the command. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
  close(): void
}

export interface SshConnection {
  /** The address that was really connected to. */
  readonly address: string
  readonly hostKey: HostKeyBlob
  /** Opens a channel and starts a command. Throws `ssh.channel_refused` or `ssh.link_lost`. */
  exec(command: string): Promise<SshChannel>
  /** A stream to `host:port` as seen from the node, for a jump. */
  forward(host: string, port: number): Promise<Duplex>
  /** Resolves once the connection is gone, with the reason. */
  readonly closed: Promise<string>
  readonly isOpen: boolean
  close(): void
}
