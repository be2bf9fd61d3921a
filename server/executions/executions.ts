import type { Execution, ExecutionStart } from '../../contract/executions.ts'
import { isFinal } from '../../contract/executions.ts'
import type { AgentId, ApprovalId, BatchId, ExecutionId, NodeId } from '../../contract/ids.ts'
import { resolveTargets } from '../../contract/targets.ts'
import type { Catalogue } from '../agents/catalogue.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'
import type { Occasions } from '../occasions/occasions.ts'
import { isGranted } from '../nodes/grants.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { Plans } from '../plans/plans.ts'
import { outcomeWithout } from './outcome.ts'
import { runEnded } from './occasions.ts'
import type { Queue } from './queue.ts'
import type { ExecutionStore, NewExecution, StoredExecution } from './store.ts'

interface ExecutionTools {
  db: Database
  store: ExecutionStore
  catalogue: Catalogue
  nodes: Nodes
  plans: Plans
  queue: Queue
  audit: Audit
  occasions: Pick<Occasions, 'put'>
  events: EventBus
  clock: Clock
  newId: NewId
  /** Throws `storage.full` when the disk is too full to begin anything new. */
  checkRoom(): void
}

/** Starting, watching and stopping executions. Whatever starts one (a click, a schedule, a trigger) comes through `start`. */
export function createExecutions(tools: ExecutionTools) {
  const { db, store, catalogue, nodes, plans, queue, audit, events, clock, newId } = tools

  /** Which nodes a selection means, and which of them would run the agent. Throws `agent.not_found`. */
  const preview = async (agentId: AgentId, targets: readonly string[]) =>
    select(agentId, targets, await nodes.forSelection())

  function select(agentId: AgentId, targets: readonly string[], all: readonly SelectedNode[]) {
    catalogue.get(agentId)
    const resolved = resolveTargets(targets, all)
    return {
      nodes: resolved.nodes.map((node) => {
        const why = whyNot(agentId, node)
        return { id: node.id, name: node.name, eligible: why === null, why }
      }),
      unmatched: resolved.unmatched,
    }
  }

  /** Decides what a start would queue, and writes nothing. Throws why it is refused. */
  function plan(wanted: ExecutionStart, actor: Actor, all: readonly SelectedNode[]): PlannedBatch {
    tools.checkRoom()
    const entry = catalogue.get(wanted.agentId)
    const options = entry.checkOptions(wanted.options)
    const { timeoutS } = entry.manifest
    if (wanted.timeoutS !== null && wanted.timeoutS > timeoutS.max) {
      const issues = [{ path: 'timeoutS', message: `at most ${timeoutS.max} for this agent` }]
      throw fail('request.invalid', { detail: `timeoutS: at most ${timeoutS.max} for this agent`, issues })
    }
    const selection = select(wanted.agentId, wanted.targets, all)
    const eligible = selection.nodes.filter((node) => node.eligible)
    if (eligible.length === 0) throw noNode(selection)

    const batchId = newId('bat')
    return {
      batchId,
      agentId: wanted.agentId,
      actor,
      executions: eligible.map((node) => ({
        id: newId('exe'),
        batchId,
        agentId: wanted.agentId,
        agentVersion: entry.manifest.version,
        bundleSha256: entry.payload.sha256,
        nodeId: node.id,
        mode: entry.manifest.modes.includes('plan') ? 'plan' : 'report',
        approvalId: null,
        dryRun: wanted.dryRun,
        options,
        timeoutS: wanted.timeoutS ?? timeoutS.default,
        startedBy: actor.name,
      })),
    }
  }

  /** Queues one execution per eligible node, all of them or none, and returns them in that order. */
  async function start(wanted: ExecutionStart, actor: Actor) {
    const planned = plan(wanted, actor, await nodes.forSelection())
    await queueNow(planned)
    const { batchId, executions } = planned
    return { batchId, executions: await Promise.all(executions.map(({ id }) => get(id))) }
  }

  /**
   * Queues the making of approved changes on one node. `decide` writes the decision in the same transaction: either
   * there is a decision and its execution, or neither. Throws `agent.not_found`, `node.agent_not_allowed`.
   */
  async function startApply(
    { agentId, nodeId, approvalId, dryRun, as }: ApplyWish,
    actor: Actor,
    decide: (tx: Tx, id: ExecutionId, bundleSha256: string) => Promise<void>,
  ): Promise<ExecutionId> {
    tools.checkRoom()
    const { manifest, payload, checkOptions } = catalogue.get(agentId)
    const selection = await preview(agentId, [nodeId])
    if (!selection.nodes.some((node) => node.eligible)) throw noNode(selection)
    const id = newId('exe')
    const batchId = newId('bat')
    const planned: NewExecution = {
      id,
      batchId,
      agentId,
      agentVersion: manifest.version,
      bundleSha256: payload.sha256,
      nodeId,
      mode: 'apply',
      approvalId,
      dryRun,
      // With the options of the run that proposed it, which may say where things are.
      options: checkOptions((await store.find(as))?.options ?? {}),
      timeoutS: manifest.timeoutS.default,
      startedBy: actor.name,
    }
    const batch = { batchId, agentId, actor, executions: [planned] }
    await queueNow(batch, (tx) => decide(tx, id, payload.sha256))
    return id
  }

  /** Writes rows and audit lines, all of them or none, and tells the queue and everybody else. */
  async function queueNow(
    planned: PlannedBatch,
    first: (tx: Tx) => Promise<void> = async () => {},
  ): Promise<void> {
    const queued = db.write(async (tx) => {
      await first(tx)
      await enqueue(tx, [planned])
    })
    // The queue's transaction comes after this one, and what can start at once shares its commit.
    queue.wake()
    await queued
    announce(planned)
  }

  /**
   * Queues what was planned, in the transaction of whoever has something to write besides; `announce` each once that is
   * durable.
   */
  async function enqueue(tx: Tx, batches: readonly PlannedBatch[]): Promise<void> {
    const now = clock.now().toISOString()
    await store.insertBatches(
      tx,
      batches.map(({ batchId, agentId, actor }) => ({ id: batchId, agentId, startedBy: actor.name, now })),
    )
    await store.insert(
      tx,
      batches.flatMap(({ executions }) => executions),
      now,
    )
    for (const { batchId, actor, executions } of batches) {
      for (const { id, agentId, agentVersion, nodeId, dryRun, options, approvalId } of executions) {
        const approved = approvalId && { approvalId }
        const detail = { batchId, agentId, agentVersion, nodeId, dryRun, options, ...approved }
        await audit.append(tx, { actor, action: 'execution.queued', target: id, detail })
      }
    }
  }

  /** Tells whoever cares of what is queued, the queue first. */
  function announce({ batchId, executions }: PlannedBatch): void {
    queue.wake()
    for (const { id, nodeId, agentId } of executions) {
      events.emit('execution.changed', { executionId: id, nodeId, agentId, state: 'queued' })
    }
    events.emit('batch.started', { batchId, executionIds: executions.map(({ id }) => id) })
  }

  /** Throws `execution.not_found`. */
  async function get(id: ExecutionId): Promise<Execution> {
    return present(await stored(id))
  }

  async function list(
    query: Omit<Parameters<typeof store.page>[0], 'before'> & { cursor?: string | undefined },
  ) {
    const { cursor, limit, ...filters } = query
    const rows = await store.page({ ...filters, before: cursor ?? null, limit: limit + 1 })
    const items = rows.slice(0, limit)
    return {
      items: await Promise.all(items.map(present)),
      nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null,
    }
  }

  /** Asks an execution to stop. One that waits ends at once; one that runs is cleared away on its node first. */
  async function cancel(id: ExecutionId, actor: Actor): Promise<Execution> {
    const announce = await db.write(async (tx) => {
      const execution = await store.find(id, tx)
      if (!execution) throw fail('execution.not_found')
      if (isFinal(execution.state)) throw fail('execution.finished')
      await store.requestCancel(tx, id, actor.name)
      await store.addJournal(tx, id, clock.now().toISOString(), 'cancel.requested', { by: actor.name })
      await audit.append(tx, {
        actor,
        action: 'execution.cancelled',
        target: id,
        detail: { state: execution.state },
      })
      if (execution.state === 'queued') {
        await store.move(tx, id, execution.fence, 'cancelled', {
          finishedAt: clock.now().toISOString(),
          outcome: outcomeWithout('cancelled', null, 0),
          waitingFor: null,
        })
        await tools.occasions.put(tx, runEnded(execution, 'cancelled', null, []))
        const ending = { outcome: 'cancelled', told: null, bytesFreed: null } as const
        if (execution.mode === 'apply') return plans.settle(tx, execution, ending)
      }
      return () => {}
    })
    announce()
    const execution = await stored(id)
    const { nodeId, agentId, state } = execution
    events.emit('execution.changed', { executionId: id, nodeId, agentId, state })
    if (isFinal(state))
      events.emit('execution.finished', { executionId: id, nodeId, agentId, outcome: state })
    else queue.cancel(id)
    return present(execution)
  }

  async function stored(id: ExecutionId): Promise<StoredExecution> {
    const execution = await store.find(id)
    if (!execution) throw fail('execution.not_found')
    return execution
  }

  async function present(execution: StoredExecution): Promise<Execution> {
    const { fence: _, cancelRequestedBy: __, reattach: ___, ...shown } = execution
    if (shown.state !== 'queued' || shown.waitingFor !== null) return shown
    const ahead = await store.countAhead(shown.id, shown.nodeId)
    return { ...shown, waitingFor: ahead > 0 ? `${ahead} before it on this node` : 'a free place' }
  }

  const journal = async (id: ExecutionId) => {
    await stored(id)
    return store.journal(id)
  }

  return { preview, start, plan, enqueue, announce, startApply, get, list, cancel, journal }
}
export type Executions = ReturnType<typeof createExecutions>

/** Approved changes that are to be made. */
export interface ApplyWish {
  readonly agentId: AgentId
  readonly nodeId: NodeId
  readonly approvalId: ApprovalId
  readonly dryRun: boolean
  /** The run that proposed it. */
  readonly as: ExecutionId
}

export type SelectedNode = Awaited<ReturnType<Nodes['forSelection']>>[number]

/** Executions that are started together, before they are written down. */
export interface PlannedBatch {
  readonly batchId: BatchId
  readonly agentId: AgentId
  readonly actor: Actor
  readonly executions: readonly NewExecution[]
}

function whyNot(agentId: AgentId, node: SelectedNode): string | null {
  if (node.paused) return 'The node is paused.'
  if (!isGranted(node, agentId)) return 'This agent is not allowed on the node.'
  return null
}

function noNode(selection: { nodes: { name: string; why: string | null }[]; unmatched: string[] }) {
  if (selection.nodes.length === 0) {
    return fail('node.none_selected', {
      detail: `Nothing matches ${selection.unmatched.join(', ') || 'the selection'}.`,
    })
  }
  const detail = selection.nodes.map(({ name, why }) => `${name}: ${why}`).join(' ')
  return fail('node.agent_not_allowed', { detail })
}
