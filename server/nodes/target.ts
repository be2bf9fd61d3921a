import type { NodeId } from '../../contract/ids.ts'
import { isSampleId } from '../../contract/sample-ids.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { Logger } from '../lib/logger.ts'
import type { Settings } from '../settings/settings.ts'
import type { ConnectEvent, SshTarget } from '../ssh/transport.ts'
import type { NodeKeys } from '../vault/node-keys.ts'
import type { NodeStore, StoredNode } from './store.ts'

interface TargetTools {
  db: Database
  store: NodeStore
  keys: NodeKeys
  settings: Settings
  audit: Audit
  events: EventBus
  clock: Clock
  logger: Logger
}

export interface TargetOptions {
  /** For whom the connection is opened, in the audit trail. */
  actor: Actor
  /** A person asked for this very attempt, so a refused credential may be tried once more. */
  byHand?: boolean
  /** Another key than the one in force, to see what the node says to it: nothing is held against the node or the key. */
  trial?: Trial
}

export interface Trial {
  /** Which key it is, in the audit trail. */
  readonly fingerprint: string
  withLogin: SshTarget['withLogin']
}

/** Turns a node into what the SSH floor needs to reach it, and keeps what is learnt on the way. */
export function createTargets({ db, store, keys, settings, audit, events, clock, logger }: TargetTools) {
  let trials = 0

  /** Throws `node.not_found`, `samples.only_shown`, `credential.missing` or `credential.quarantined`. */
  async function targetOf(id: NodeId, { actor, byHand = false, trial }: TargetOptions): Promise<SshTarget> {
    // Where every connection begins: a sample has none.
    if (isSampleId(id)) throw fail('samples.only_shown')
    const node = await store.find(id)
    if (!node) throw fail('node.not_found')
    const { credentialId } = node
    if (!credentialId) throw fail('credential.missing', { detail: `${node.name} has no credential.` })
    if (!byHand && (await store.isQuarantined(id, credentialId))) throw fail('credential.quarantined')
    const hostKeys = (await store.hostKeys([id])).get(id) ?? []
    return {
      // Who tries a key wants a login, never one that somebody else has made.
      poolKey: trial ? `${id}:trial-${++trials}` : `${id}:${credentialId}`,
      name: node.name,
      host: node.host,
      port: node.port,
      username: node.username,
      transport: node.transport,
      legacyAlgorithms: node.legacyAlgorithms,
      hostKeys,
      // A rotation that is held up half-way has two keys lying about; it makes a handful of logins in ninety days.
      connectionsPerHour: trial ? 0 : (node.connectionsPerHour ?? settings.get().connectionsPerHour),
      jump: node.jumpNodeId ? await targetOf(node.jumpNodeId, { actor, byHand }) : null,
      withLogin: trial ? trial.withLogin : (use) => keys.withLogin({ nodeId: id, credentialId }, use),
      onEvent: (event) => {
        keep(node, event, actor, trial).catch((error: unknown) =>
          logger.error({ err: error, nodeId: id }, 'connection event not recorded'),
        )
      },
    }
  }

  async function keep(node: StoredNode, event: ConnectEvent, actor: Actor, trial?: Trial): Promise<void> {
    const tried = trial ? { trial: trial.fingerprint } : {}
    const now = clock.now().toISOString()
    switch (event.kind) {
      case 'connected':
        await db.write(async (tx) => {
          await store.markSeen(tx, node.id, event.hostKey, now)
          if (!trial) await store.releaseNode(tx, node.id)
          await audit.append(tx, {
            actor,
            action: 'ssh.connected',
            target: node.id,
            detail: {
              address: event.address,
              user: node.username,
              credentialId: node.credentialId,
              hostKey: event.hostKey.fingerprint,
              algorithms: event.algorithms,
              attempt: event.attempt,
              ms: Math.round(event.ms),
              ...tried,
            },
          })
        })
        return
      case 'failed':
        await db.write(async (tx) => {
          if (event.code === 'ssh.auth_failed' && node.credentialId && !trial) {
            await store.quarantine(tx, node.id, node.credentialId, now, event.detail)
          }
          await audit.append(tx, {
            actor,
            action: 'ssh.failed',
            target: node.id,
            detail: {
              user: node.username,
              code: event.code,
              attempt: event.attempt,
              willRetry: event.willRetry,
              ...tried,
            },
          })
        })
        return
      case 'host-keys':
        await learn(node, event.keys, now)
        return
      case 'closed':
        events.emit('node.changed', { nodeId: node.id })
    }
  }

  async function learn(
    node: StoredNode,
    keys: Extract<ConnectEvent, { kind: 'host-keys' }>['keys'],
    now: string,
  ) {
    await db.write(async (tx) => {
      const current = await store.find(node.id, tx)
      // The node may have been moved to another machine in the meantime: these keys are not that one's.
      if (current?.host !== node.host || current.port !== node.port) return
      const known = new Set(((await store.hostKeys([node.id], tx)).get(node.id) ?? []).map(({ key }) => key))
      const fresh = keys.filter(({ key }) => !known.has(key))
      await store.pin(tx, node.id, keys, 'learnt', now)
      for (const { fingerprint } of fresh) {
        const detail = { fingerprint, source: 'learnt' }
        await audit.append(tx, { actor: serverActor, action: 'host-key.learnt', target: node.id, detail })
      }
    })
  }

  return { targetOf }
}
export type Targets = ReturnType<typeof createTargets>
