import { AppError } from '../lib/errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { HostKeyBlob, SshConnection, SshTarget } from './transport.ts'

/** One attempt to reach a node whose address is resolved and checked already. */
export interface DialOrder {
  readonly target: SshTarget
  /** The literal IP address that was checked; the name for a node behind a jump host. */
  readonly address: string
  /** The open connection of the jump host, or null. Its owner keeps it: a dial never closes it. */
  readonly through: SshConnection | null
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

export interface Dialled {
  readonly connection: SshConnection
  /** What was agreed on, for the audit trail: `kex`, `hostKey`, `cipher`, `mac`. */
  readonly algorithms: Record<string, string>
  /** Resolves when the far side has answered, rejects when the link is gone. Left out, a small command is tried instead. */
  ping?(): Promise<void>
}

/**
 * Connects, checks the host key against the trusted ones, logs in with exactly one credential. Throws `ssh.*`; before
 * the host key is found good no credential leaves. One call is one attempt: retries, addresses and budgets are the pool's.
 */
export type Dial = (order: DialOrder) => Promise<Dialled>

/** Nobody confirmed this host key, or it is not the confirmed one: carries the key that was offered. */
export class HostKeyProblem extends AppError {
  readonly offered: HostKeyBlob

  constructor(code: 'ssh.host_key_unknown' | 'ssh.host_key_changed', offered: HostKeyBlob, detail: string) {
    super(code, { detail })
    this.offered = offered
  }
}
