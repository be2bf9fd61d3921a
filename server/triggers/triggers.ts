import type { ExecutionStart } from '../../contract/executions.ts'
import type { TriggerId } from '../../contract/ids.ts'
import type { PageQuery } from '../../contract/page.ts'
import type { Firing, Hook, Trigger, TriggerSpec } from '../../contract/triggers.ts'
import type { Catalogue } from '../agents/catalogue.ts'
import type { Audit } from '../audit/audit.ts'
import { hashOfToken, newTokenText } from '../auth/token-text.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Executions } from '../executions/executions.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'
import type { Logger } from '../lib/logger.ts'
import { toPage } from '../lib/page.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { Notices } from '../notices/notices.ts'
import type { Occasion, Occasions } from '../occasions/occasions.ts'
import type { Vault } from '../vault/vault.ts'
import { differencesOf } from './difference.ts'
import { createHooks } from './hooks.ts'
import { createTriggerStore, type StoredTrigger } from './store.ts'
import { createTakeUp, scopeOf } from './take-up.ts'

interface TriggerTools {
  db: Database
  vault: Vault
  catalogue: Catalogue
  nodes: Pick<Nodes, 'forSelection'>
  executions: Executions
  occasions: Occasions
  notices: Pick<Notices, 'put'>
  audit: Audit
  events: EventBus
  clock: Clock
  newId: NewId
  logger: Logger
}

/** What a trigger was made or changed to, and how it is called where that is new. */
export interface Kept {
  readonly id: TriggerId
  readonly hook: Hook | null
}

/** What starts runs when something happens. */
export function createTriggers(tools: TriggerTools) {
  const { db, vault, catalogue, executions, occasions, audit, events, clock, newId } = tools
  const store = createTriggerStore(db)
  const takeUp = createTakeUp({ ...tools, store })
  const hooks = createHooks({ ...tools, store })

  /** Throws `trigger.not_found`. */
  async function stored(id: TriggerId): Promise<StoredTrigger> {
    const trigger = await store.find(id)
    if (!trigger) throw fail('trigger.not_found')
    return trigger
  }

  async function list(): Promise<Trigger[]> {
    const [all, last, lastStarted] = await Promise.all([store.all(), store.latest(false), store.latest(true)])
    return all.map((trigger) => present(trigger, last.get(trigger.id), lastStarted.get(trigger.id)))
  }

  async function get(id: TriggerId): Promise<Trigger> {
    const found = (await list()).find((one) => one.id === id)
    if (!found) throw fail('trigger.not_found')
    return found
  }

  /** A new address and a new key: what is kept of them, and what is shown once. */
  function newHook(id: TriggerId): { hook: Hook; kept: Pick<StoredTrigger, 'hookHash' | 'hookSecret'> } {
    const secret = newTokenText()
    // Standard Webhooks has it in plain base64.
    const key = `whsec_${Buffer.from(newTokenText(), 'base64url').toString('base64')}`
    return {
      hook: { path: `/api/v1/hooks/${secret}`, key },
      kept: {
        hookHash: hashOfToken(secret),
        hookSecret: vault.seal({ table: 'trigger', column: 'hook_secret', id }, key),
      },
    }
  }

  /** Makes a trigger, in the caller's transaction. Throws `trigger.name_taken`. */
  async function insert(tx: Tx, spec: TriggerSpec, actor: Actor): Promise<Kept> {
    if (await store.findByName(spec.name, tx)) throw fail('trigger.name_taken')
    const id = newId('trg')
    const { name, paused, ...rest } = spec
    const made = spec.when.kind === 'webhook' ? newHook(id) : null
    const now = clock.now().toISOString()
    await store.insert(tx, {
      id,
      name,
      paused,
      spec: rest,
      ...(made?.kept ?? { hookHash: null, hookSecret: null }),
      nearMiss: null,
      createdBy: actor.name,
      createdAt: now,
      updatedAt: now,
    })
    await audit.append(tx, { actor, action: 'trigger.created', target: id, detail: { ...spec } })
    return { id, hook: made?.hook ?? null }
  }

  /** Changes a trigger, in the caller's transaction. Throws `trigger.name_taken`. */
  async function replace(tx: Tx, before: StoredTrigger, spec: TriggerSpec, actor: Actor): Promise<Kept> {
    const { id } = before
    const namesake = await store.findByName(spec.name, tx)
    if (namesake && namesake.id !== id) throw fail('trigger.name_taken')
    const { name, paused, ...rest } = spec
    const isHook = spec.when.kind === 'webhook'
    const made = isHook && before.hookHash === null ? newHook(id) : null
    const kept = isHook
      ? (made?.kept ?? { hookHash: before.hookHash, hookSecret: before.hookSecret })
      : { hookHash: null, hookSecret: null }
    if (differencesOf(toSpec(before), spec).length === 0) return { id, hook: null }
    await store.update(tx, {
      ...before,
      name,
      paused,
      spec: rest,
      ...kept,
      // It says why the trigger as it was left something out.
      nearMiss: null,
      updatedAt: clock.now().toISOString(),
    })
    await audit.append(tx, { actor, action: 'trigger.changed', target: id, detail: { ...spec } })
    return { id, hook: made?.hook ?? null }
  }

  async function changed(id: TriggerId): Promise<void> {
    await wantAgain()
    events.emit('trigger.changed', { triggerId: id })
  }

  /** Says what has to be written down; what nobody waits for is not. */
  async function wantAgain(): Promise<void> {
    const kinds = new Set((await store.all()).map(({ spec }) => occasionOf[spec.when.kind]))
    occasions.want(kinds)
  }

  /** Throws `trigger.name_taken`, `agent.not_found` and `agent.options_invalid`. */
  async function create(spec: TriggerSpec, actor: Actor) {
    catalogue.get(spec.agentId).checkOptions(spec.options)
    const { id, hook } = await db.write((tx) => insert(tx, spec, actor))
    await changed(id)
    return { trigger: await get(id), hook }
  }

  /** Throws as `create` does, and `trigger.not_found`. */
  async function change(id: TriggerId, spec: TriggerSpec, actor: Actor) {
    catalogue.get(spec.agentId).checkOptions(spec.options)
    const { hook } = await db.write(async (tx) => {
      const before = await store.find(id, tx)
      if (!before) throw fail('trigger.not_found')
      return replace(tx, before, spec, actor)
    })
    await changed(id)
    return { trigger: await get(id), hook }
  }

  /** Throws `trigger.not_found`. */
  async function pause(id: TriggerId, paused: boolean, actor: Actor): Promise<Trigger> {
    await db.write(async (tx) => {
      const before = await store.find(id, tx)
      if (!before) throw fail('trigger.not_found')
      return replace(tx, before, { ...toSpec(before), paused }, actor)
    })
    await changed(id)
    return get(id)
  }

  async function remove(id: TriggerId, actor: Actor): Promise<void> {
    await db.write(async (tx) => {
      const before = await store.find(id, tx)
      if (!before) throw fail('trigger.not_found')
      await store.remove(tx, id)
      await audit.append(tx, { actor, action: 'trigger.removed', target: id, detail: { name: before.name } })
    })
    await changed(id)
  }

  /** Starts what a trigger starts, as the one who asks; neither its pause nor its cool-down is asked. */
  async function fire(id: TriggerId, wanted: readonly string[] | undefined, actor: Actor) {
    const trigger = await stored(id)
    const { agentId, targets, options, dryRun, timeoutS } = trigger.spec
    const start: ExecutionStart = {
      agentId,
      targets: [...(targets ?? wanted ?? [])],
      options,
      dryRun,
      timeoutS,
    }
    const planned = executions.plan(start, actor, await tools.nodes.forSelection())
    const cause = {
      kind: 'person',
      title: actor.name,
      nodeId: null,
      nodeName: null,
      executionId: null,
    } as const
    const firingId = newId('fir')
    await db.write(async (tx) => {
      await store.record(tx, {
        id: firingId,
        triggerId: id,
        occasionId: firingId,
        at: clock.now().toISOString(),
        state: 'started',
        reason: null,
        detail: null,
        cause,
        // A trial does not make the trigger rest.
        scope: `person ${scopeOf(trigger, cause)}`,
        path: [],
        batchId: planned.batchId,
      })
      await executions.enqueue(tx, [planned])
    })
    executions.announce(planned)
    events.emit('trigger.changed', { triggerId: id })
    return { batchId: planned.batchId }
  }

  async function firings(id: TriggerId, { cursor, limit }: PageQuery) {
    await stored(id)
    const found = await store.firings({ id, before: cursor ?? null, limit: limit + 1 })
    return toPage(found, limit, (last) => last.id)
  }

  /** Throws `trigger.not_found` and `trigger.no_webhook`. */
  async function renewHook(id: TriggerId, actor: Actor): Promise<Hook> {
    const hook = await db.write(async (tx) => {
      const { hook: made, kept } = newHook(id)
      const before = await store.find(id, tx)
      if (!before) throw fail('trigger.not_found')
      if (before.spec.when.kind !== 'webhook') throw fail('trigger.no_webhook')
      await store.update(tx, { ...before, ...kept, updatedAt: clock.now().toISOString() })
      await audit.append(tx, {
        actor,
        action: 'trigger.hook-renewed',
        target: id,
        detail: { name: before.name },
      })
      return made
    })
    await changed(id)
    return hook
  }

  /** Takes up what the last process left, and from then on what happens. */
  async function start(): Promise<void> {
    await wantAgain()
    takeUp.start()
  }

  return {
    list,
    get,
    create,
    change,
    pause,
    remove,
    fire,
    firings,
    renewHook,
    call: hooks.call,
    /** For documents, which change several things in one transaction; `settled` says when that is durable. */
    documents: {
      findByName: async (name: string, tx: Tx) => store.findByName(name, tx),
      insert,
      replace,
      specOf: toSpec,
      all: async (): Promise<TriggerSpec[]> => (await store.all()).map(toSpec),
      settled: changed,
    },
    look: takeUp.look,
    start,
    stop: takeUp.stop,
  }
}
export type Triggers = ReturnType<typeof createTriggers>

/** What has to be written down for a trigger of a kind. */
const occasionOf: Readonly<Record<TriggerSpec['when']['kind'], Occasion['kind']>> = {
  finding: 'run',
  execution: 'run',
  disk: 'run',
  'node-back': 'node-back',
  cost: 'cost',
  webhook: 'webhook',
}

const toSpec = ({ name, paused, spec }: StoredTrigger): TriggerSpec => ({ ...spec, name, paused })

const present = (
  trigger: StoredTrigger,
  last: Firing | undefined,
  lastStarted: Firing | undefined,
): Trigger => ({
  ...toSpec(trigger),
  id: trigger.id,
  lastStarted: lastStarted ?? null,
  last: last ?? null,
  nearMiss: trigger.nearMiss,
  createdBy: trigger.createdBy,
  createdAt: trigger.createdAt,
  updatedAt: trigger.updatedAt,
})
