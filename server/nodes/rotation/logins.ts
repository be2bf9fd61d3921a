import { isAppError } from '../../lib/errors.ts'
import { serverActor } from '../../lib/actor.ts'
import type { Pool, PoolLease } from '../../ssh/pool.ts'
import type { SshConnection } from '../../ssh/transport.ts'
import type { NodeKeys } from '../../vault/node-keys.ts'
import type { Targets } from '../target.ts'
import type { StoredRotation } from './store.ts'

interface LoginTools {
  readonly targets: Targets
  readonly keys: NodeKeys
  readonly pool: Pool
  readonly signal: AbortSignal
}

/** Which key somebody logs in with: the one that goes at the end, or the one that stays. */
export type Side = 'old' | 'new'

/**
 * Logs in to one node with either key, for as long as a rotation is at work. What was opened stays open until `close`:
 * whoever has changed what opens the node can still take it back over the login from before.
 */
export function createLogins({ targets, keys, pool, signal }: LoginTools) {
  const leases = new Map<Side, PoolLease>()

  /** Logs in anew. Throws `ssh.*`; `ssh.auth_failed` is the node's word on the key. */
  async function fresh(rotation: StoredRotation, side: Side): Promise<SshConnection> {
    const { nodeId, credentialId } = rotation
    const place = { nodeId, credentialId }
    const isActive = rotation.activatedAt !== null && rotation.step !== 'undo'
    const other = isActive ? 'leaving' : 'next'
    const inForce: Side = isActive ? 'new' : 'old'
    const target = await targets.targetOf(nodeId, {
      actor: serverActor,
      byHand: true,
      trial: {
        fingerprint: side === 'old' ? rotation.oldFingerprint : (rotation.newFingerprint ?? ''),
        withLogin: (use) =>
          side === inForce ? keys.withLogin(place, use) : keys.withOther(place, other, use),
      },
    })
    const lease = await pool.use(target, signal)
    const before = leases.get(side)
    leases.set(side, lease)
    if (before) end(before)
    return lease.connection
  }

  /** The login that is open, or a new one. */
  async function any(rotation: StoredRotation, side: Side): Promise<SshConnection> {
    const open = leases.get(side)
    return open?.connection.isOpen ? open.connection : fresh(rotation, side)
  }

  /** Whether the node lets this key in. Anything but a plain yes or no is thrown. */
  async function isLetIn(rotation: StoredRotation, side: Side): Promise<boolean> {
    try {
      await fresh(rotation, side)
      return true
    } catch (error) {
      if (isAppError(error) && error.code === 'ssh.auth_failed') return false
      throw error
    }
  }

  function close(): void {
    for (const lease of leases.values()) end(lease)
    leases.clear()
  }

  return { any, isLetIn, close }
}
export type Logins = ReturnType<typeof createLogins>

/** Nobody else shares these connections, so they end with their lease. */
function end(lease: PoolLease): void {
  lease.connection.close()
  lease.release()
}
