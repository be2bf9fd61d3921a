import { toProblem } from '../../contract/errors.ts'
import { agentId, type ExecutionId, type NodeId, type ScheduleId } from '../../contract/ids.ts'
import { sampleTail } from '../../contract/sample-ids.ts'
import type { SampleState } from '../../contract/samples.ts'
import { scheduleSpec } from '../../contract/schedules.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Logs } from '../executions/log.ts'
import { plainOutcome } from '../executions/outcome.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import { firstIdAt, type IdOf } from '../lib/id.ts'
import { collect } from '../reports/collected.ts'
import { createReports } from '../reports/reports.ts'
import type { MadeUpRun } from './made-up.ts'
import { createSampleStore } from './store.ts'

interface SampleTools {
  readonly db: Database
  readonly logs: Pick<Logs, 'writer' | 'remove'>
  readonly audit: Pick<Audit, 'append'>
  readonly events: EventBus
  readonly clock: Clock
}

/** A run with its ids and its times. */
export interface KeptRun extends MadeUpRun {
  readonly id: ExecutionId
  readonly nodeId: NodeId
  readonly startedAt: Date
  readonly finishedAt: Date
}

const hourMs = 3_600_000

/**
 * Made-up nodes to look around in, in the product's own tables, told by their ids (`isSampleId`). Nothing is done with
 * them anywhere: requests that would are refused at the door, no selection of nodes finds them, no connection begins,
 * and no figure counts them.
 */
export function createSamples({ db, logs, audit, events, clock }: SampleTools) {
  const store = createSampleStore(db)
  let isBusy = false

  async function state(): Promise<SampleState> {
    const { samples, real } = await store.count()
    return { present: samples > 0, canAdd: samples === 0 && real === 0 }
  }

  /** Puts all of it in; once it is there, this changes nothing. Throws `samples.real_nodes`. */
  async function add(actor: Actor): Promise<SampleState> {
    const { present, canAdd } = await state()
    if (present || isBusy) return { present: true, canAdd: false }
    if (!canAdd) throw fail('samples.real_nodes')
    isBusy = true
    try {
      await putIn(actor)
    } finally {
      isBusy = false
    }
    tell()
    return state()
  }

  async function putIn(actor: Actor): Promise<void> {
    // Seldom wanted, so no start carries it.
    const { madeUpNodes, madeUpRuns, madeUpActions, madeUpExplanation } = await import('./made-up.ts')
    const now = clock.now()
    const newId = numbered()
    const nodes = madeUpNodes.map((node) => ({ ...node, id: newId('nod', now) }))
    const runs = madeUpRuns.map((run): KeptRun => {
      const startedAt = new Date(now.getTime() - run.hoursAgo * hourMs)
      const node = nodes[run.node]
      if (!node) throw new Error('a made-up run has no node')
      const finishedAt = new Date(startedAt.getTime() + run.seconds * 1_000)
      return { ...run, id: newId('exe', startedAt), nodeId: node.id, startedAt, finishedAt }
    })
    // Logs are files: if what follows fails, retention removes them as it does those of any run that is gone.
    for (const run of runs) await writeLog(run)
    await db.write(async (tx) => {
      // The look before was outside this transaction.
      if ((await store.count(tx)).real > 0) throw fail('samples.real_nodes')
      for (const node of nodes) {
        const own = runs.filter(({ nodeId }) => nodeId === node.id)
        const isReached = node.isReached
        const seenAt = isReached ? (own.at(-1)?.finishedAt ?? now) : new Date(now.getTime() - 50 * hourMs)
        const problem = isReached ? null : toProblem('ssh.connection_timeout', 'No answer within 10 seconds.')
        await store.insertNode(tx, { ...node, seenAt, problem, now })
      }
      for (const run of runs) await keepRun(tx, run)
      const proposer = runs.findLast(({ agent }) => agent === 'docker-janitor')
      const explained = runs.findLast(({ node, agent }) => node === 0 && agent === 'system-health')
      if (proposer) await store.insertPlan(tx, newId('pln', proposer.finishedAt), proposer, madeUpActions)
      if (explained) await store.insertExplanation(tx, explained, madeUpExplanation)
      await store.insertSchedule(tx, newId('sch', now), scheduleOf(), now)
      const detail = { nodes: nodes.length, executions: runs.length }
      await audit.append(tx, { actor, action: 'samples.added', target: null, detail })
    })
  }

  /** One run, and what the real reports floor makes of it; nobody is told. */
  async function keepRun(tx: Tx, run: KeptRun): Promise<void> {
    await store.insertExecution(tx, run, {
      ...plainOutcome,
      kind: run.ended,
      attempts: run.ended === 'unreachable' ? 2 : 1,
      problem:
        run.ended === 'succeeded'
          ? null
          : run.ended === 'unreachable'
            ? toProblem('ssh.connection_timeout', 'No answer within 10 seconds.')
            : toProblem('execution.timed_out', `The agent was stopped after ${run.seconds} s.`),
    })
    if (run.messages.length === 0) return
    const then: Clock = { ...clock, now: () => run.finishedAt }
    const reports = createReports({ db, clock: then, events, audit, notices: { put: async () => {} } })
    const report = await reports.store(tx, {
      execution: { id: run.id, nodeId: run.nodeId, agentId: agentId.parse(run.agent), agentVersion: '1.0.0' },
      nodeName: '',
      durationMs: run.seconds * 1_000,
      collected: collect(run.messages),
    })
    await store.noteReport(tx, run.id, report)
  }

  async function writeLog({ id, log, startedAt, seconds, agent }: KeptRun): Promise<void> {
    // One whose transaction failed may lie there already.
    await logs.remove(id)
    const writer = await logs.writer(id)
    const lines = [`Sample data: ${agent} never ran. This is what its log would look like.`, ...log]
    const step = (seconds * 1_000) / lines.length
    lines.forEach((text, place) =>
      writer.append({
        at: new Date(startedAt.getTime() + place * step).toISOString(),
        stream: place === 0 ? 'server' : 'out',
        level: 'info',
        text,
        message: null,
        q: null,
      }),
    )
    await writer.finish()
  }

  /** Removes all of it; what remains is a line in the audit trail. */
  async function remove(actor: Actor): Promise<SampleState> {
    const executions = await store.executionIds()
    const removed = await db.write(async (tx) => {
      const { samples } = await store.count(tx)
      if (samples === 0) return false
      await store.removeAll(tx)
      await audit.append(tx, { actor, action: 'samples.removed', target: null, detail: { nodes: samples } })
      return true
    })
    for (const id of executions) await logs.remove(id)
    if (removed) tell()
    return state()
  }

  /** Pages that are open draw themselves anew. */
  function tell(): void {
    const nodeId = `${firstIdAt('nod', clock.now()).slice(0, 14)}${sampleTail(0)}` as NodeId
    const scheduleId = `${firstIdAt('sch', clock.now()).slice(0, 14)}${sampleTail(0)}` as ScheduleId
    events.emit('node.changed', { nodeId })
    events.emit('findings.changed', { nodeId })
    events.emit('plans.changed', { nodeId })
    events.emit('schedule.changed', { scheduleId })
  }

  return { state, add, remove }
}
export type Samples = ReturnType<typeof createSamples>

/** Ids that say what they are of: the moment first, as everywhere, then the mark and a number. */
function numbered() {
  let last = 0
  return function newId<Prefix extends 'nod' | 'exe' | 'pln' | 'sch'>(prefix: Prefix, at: Date) {
    last++
    return `${firstIdAt(prefix, at).slice(0, 14)}${sampleTail(last)}` as IdOf[Prefix]
  }
}

const scheduleOf = () =>
  scheduleSpec.parse({
    name: 'Sample: every morning',
    timing: { kind: 'cron', cron: '0 7 * * *' },
    zone: 'UTC',
    agentId: 'system-health',
    targets: ['tag:sample'],
    paused: true,
  })
