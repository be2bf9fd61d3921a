import { BlockList, isIP } from 'node:net'
import {
  type AiSetup,
  aiSetup,
  type AiState,
  type Depth,
  type DriverKind,
  type KeyedDriver,
  type NodeAiSetup,
} from '../../contract/ai.ts'
import type { AgentId, NodeId } from '../../contract/ids.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import type { EventBus } from '../lib/events.ts'
import type { Logger } from '../lib/logger.ts'
import type { Secret } from '../lib/secret.ts'
import type { SealedPlace, Vault } from '../vault/vault.ts'
import { type AiStore, createAiStore, type SealedKey } from './store.ts'

interface SetupTools {
  readonly db: Database
  readonly vault: Vault
  readonly audit: Audit
  readonly events: EventBus
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Who is asked and how, and the keys for it. Off until somebody chooses. A key belongs to the address it was entered
 * for: who could change the address alone would have the key sent to theirs.
 */
export async function createAiSetup({ db, vault, audit, events, clock, logger }: SetupTools) {
  const store: AiStore = createAiStore(db)
  let current = read(await store.setup(), logger)
  let keys: ReadonlyMap<KeyedDriver, SealedKey> = await store.keys()

  /** What is in force, at once and without reading. */
  const get = (): AiSetup => current

  /** The keys whose address still is the one that is set up. */
  const keysInForce = (): AiState['keys'] => {
    const kept = (driver: KeyedDriver) => {
      const key = keys.get(driver)
      return key && key.baseUrl === addressOf(current, driver)
        ? { setAt: key.setAt, baseUrl: key.baseUrl }
        : null
    }
    return { anthropic: kept('anthropic'), 'openai-compatible': kept('openai-compatible') }
  }

  /** Takes a set-up over. A key whose address is no longer the same is forgotten for good. */
  async function change(toWanted: (before: AiSetup) => AiSetup, actor: Actor): Promise<void> {
    const now = clock.now().toISOString()
    const [left, wanted] = await db.write(async (tx) => {
      const before = read(await store.setup(tx), logger)
      const wanted = toWanted(before)
      const stored = await store.keys(tx)
      const forgotten = [...stored].flatMap(([driver, { baseUrl }]) =>
        baseUrl === addressOf(wanted, driver) ? [] : [driver],
      )
      for (const driver of forgotten) await store.removeKey(tx, driver)
      await store.putSetup(tx, JSON.stringify(wanted), now)
      const detail = {
        ...differences(before, wanted),
        ...(forgotten.length > 0 && { forgottenKeys: forgotten }),
      }
      await audit.append(tx, { actor, action: 'ai.changed', target: null, detail })
      return [await store.keys(tx), wanted] as const
    })
    keys = left
    current = wanted
    events.emit('ai.changed', {})
  }

  async function putKey(driver: KeyedDriver, key: string, actor: Actor): Promise<void> {
    const baseUrl = addressOf(current, driver)
    const setAt = clock.now().toISOString()
    keys = await db.write(async (tx) => {
      const sealed = { secret: vault.seal(placeOf(driver), key), baseUrl, setAt }
      await store.putKey(tx, driver, sealed)
      await audit.append(tx, { actor, action: 'ai.key-set', target: null, detail: { driver, baseUrl } })
      return store.keys(tx)
    })
    events.emit('ai.changed', {})
  }

  async function removeKey(driver: KeyedDriver, actor: Actor): Promise<void> {
    keys = await db.write(async (tx) => {
      if (await store.removeKey(tx, driver)) {
        await audit.append(tx, { actor, action: 'ai.key-removed', target: null, detail: { driver } })
      }
      return store.keys(tx)
    })
    events.emit('ai.changed', {})
  }

  /** The key for the address that is set up; null when there is none. Throws `vault.damaged`. */
  async function openKey(driver: KeyedDriver): Promise<Secret | null> {
    // Read anew each time: a change of the master key seals it again.
    const key = (await store.keys()).get(driver)
    if (!key || key.baseUrl !== addressOf(current, driver)) return null
    return vault.open(placeOf(driver), key.secret)
  }

  return { get, change, keys: keysInForce, putKey, removeKey, openKey }
}
export type AiSetupKeeper = Awaited<ReturnType<typeof createAiSetup>>

const placeOf = (driver: KeyedDriver): SealedPlace => ({ table: 'ai_key', column: 'secret', id: driver })

export const addressOf = ({ anthropic, local }: AiSetup, driver: KeyedDriver): string =>
  driver === 'anthropic' ? anthropic.baseUrl : local.baseUrl

/** The model that a driver is asked for; the deep one of a local driver may be left out. */
export function modelOf({ anthropic, local, claudeCode }: AiSetup, driver: DriverKind, depth: Depth): string {
  switch (driver) {
    case 'none':
      return ''
    case 'anthropic':
      return anthropic[depth]
    case 'openai-compatible':
      return (depth === 'deep' && local.deep) || local.cheap
    case 'claude-code':
      return claudeCode[depth]
  }
}

/** A set-up with another choice for one node. */
export function withNode(setup: AiSetup, id: NodeId, { isOff, sendsRawLogs }: NodeAiSetup): AiSetup {
  const set = (ids: readonly NodeId[], isIn: boolean) => [
    ...ids.filter((one) => one !== id),
    ...(isIn ? [id] : []),
  ]
  const { explain, nodesOff } = setup
  return {
    ...setup,
    nodesOff: set(nodesOff, isOff),
    explain: { ...explain, rawLogNodes: set(explain.rawLogNodes, sendsRawLogs) },
  }
}

/** Whether somebody took a node or an agent out. */
export const isOffFor = (
  { nodesOff, agentsOff }: AiSetup,
  { nodeId, agentId }: { readonly nodeId: NodeId | null; readonly agentId: AgentId | null },
): boolean =>
  (nodeId !== null && nodesOff.includes(nodeId)) || (agentId !== null && agentsOff.includes(agentId))

/** Whether calls cost money by the token. A model in the own network does not; any other does, unless somebody says so. */
export function billingOf({ local }: AiSetup, driver: DriverKind): 'metered' | 'plan' | 'own' {
  if (driver === 'claude-code') return 'plan'
  return driver === 'openai-compatible' && (local.isFree || isOwnHost(new URL(local.baseUrl).hostname))
    ? 'own'
    : 'metered'
}

/** By name or address: what no name server of the internet answers for. */
function isOwnHost(host: string): boolean {
  const literal = host.replace(/^\[|\]$/g, '')
  if (isIP(literal)) return ownAddresses.check(literal, isIP(literal) === 6 ? 'ipv6' : 'ipv4')
  return !host.includes('.') || /\.(?:lan|local|internal|home\.arpa|localhost)$/.test(host)
}

const ownAddresses = new BlockList()
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
] as const) {
  ownAddresses.addSubnet(network, bits, 'ipv4')
}
ownAddresses.addSubnet('::1', 128, 'ipv6')
ownAddresses.addSubnet('fc00::', 7, 'ipv6')

/** What is stored, or off when that is of another version: then nothing is sent by mistake. */
function read(text: string | null, logger: Logger): AiSetup {
  if (text === null) return aiSetup.parse({})
  try {
    return aiSetup.parse(JSON.parse(text))
  } catch (error) {
    logger.warn({ err: error }, 'stored set-up of models not usable, models are off')
    return aiSetup.parse({})
  }
}

function differences(before: AiSetup, after: AiSetup): Record<string, { before: unknown; after: unknown }> {
  const names = Object.keys(after) as (keyof AiSetup)[]
  return Object.fromEntries(
    names
      .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      .map((name) => [name, { before: before[name], after: after[name] }]),
  )
}
