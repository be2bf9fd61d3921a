import type { ErrorCode } from '../../contract/errors.ts'
import type { Execution, FinalState, Outcome } from '../../contract/executions.ts'
import type { Report } from '../../contract/reports.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import { serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { isAppError } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { Logger } from '../lib/logger.ts'
import type { Notices } from '../notices/notices.ts'
import type { Occasions } from '../occasions/occasions.ts'
import type { Announce, Plans } from '../plans/plans.ts'
import type { Reports } from '../reports/reports.ts'
import type { Registries } from '../registries/registries.ts'
import type { Collected } from '../reports/collected.ts'
import type { Repositories } from '../repositories/repositories.ts'
import type { Ending } from './ending.ts'
import type { LogWriter } from './log.ts'
import { endedNotice, startedNotice } from './notices.ts'
import { diskMetric, runEnded } from './occasions.ts'
import type { StopSignal } from './queue.ts'
import type { Records } from './records.ts'
import type { ExecutionStore, StoredExecution } from './store.ts'
import { type Command, serverEntry, type Transcript } from './transcript.ts'

/** Most characters of one command in the audit trail. */
const longestCommand = 4_096

interface ConcludeTools {
  db: Database
  store: ExecutionStore
  reports: Reports
  plans: Plans
  records: Pick<Records, 'forget'>
  repositories: Pick<Repositories, 'learn'>
  registries: Pick<Registries, 'complete'>
  audit: Audit
  notices: Pick<Notices, 'put'>
  occasions: Pick<Occasions, 'put' | 'isWanted'>
  events: EventBus
  clock: Clock
  logger: Logger
}

type Finished = Extract<Ending, { kind: 'finished' }>
/** What was collected is null where there is no report: a run that failed, or that made changes. */
type Completed = Finished & { readonly collected: Collected | null }

/** What is wrong with a disk for a while. */
const passes = new Set<ErrorCode>(['storage.full', 'storage.busy', 'storage.failing', 'storage.not_writable'])
/** Somewhat less than what the node waits; see lease.py. */
const ackWaitMs = 8_000
const firstDelayMs = 1_000
const longestDelayMs = 30_000

/** Keeps how executions move and end, and tells everybody. */
export function createConclusion(tools: ConcludeTools) {
  const {
    db,
    store,
    reports,
    plans,
    records,
    repositories,
    registries,
    audit,
    notices,
    occasions,
    events,
    clock,
    logger,
  } = tools

  /** The execution entered a state that is not its last; false when somebody else holds it by now. */
  async function enter(execution: StoredExecution, state: 'running' | 'stopping'): Promise<boolean> {
    const at = clock.now().toISOString()
    const moved = await db.write(async (tx) => {
      const held = await store.move(tx, execution.id, execution.fence, state)
      if (held) await store.addJournal(tx, execution.id, at, state, {})
      if (held && state === 'running') await notices.put(tx, startedNotice(execution))
      return held
    })
    if (moved) changed(execution, state)
    return moved
  }

  /** When somebody cancels or the server stops, what would take long is cut short. */
  async function conclude(
    execution: StoredExecution,
    ending: Ending,
    log: LogWriter,
    stop: Pick<StopSignal, 'signal' | 'shutdown'>,
  ): Promise<void> {
    switch (ending.kind) {
      case 'left':
        log.append(serverEntry(clock.now(), 'The server stops; the run goes on and is picked up again.'))
        return log.flush()
      case 'handed-back':
        return handBack(execution, ending)
      case 'finished':
        return finish(execution, await completed(execution, ending, log, stop.signal), log, stop.shutdown)
    }
  }

  async function handBack(
    execution: StoredExecution,
    { notBefore, waitingFor }: Extract<Ending, { kind: 'handed-back' }>,
  ) {
    const at = clock.now().toISOString()
    const held = await db.write(async (tx) => {
      const progress = { startedAt: null, notBefore, waitingFor, reattach: null }
      const moved = await store.move(tx, execution.id, execution.fence, 'queued', progress)
      if (moved) await store.addJournal(tx, execution.id, at, 'handed-back', { notBefore })
      return moved
    })
    if (held) changed(execution, 'queued')
  }

  /** What the node collected, and what is known of it elsewhere. */
  async function completed(
    execution: StoredExecution,
    ending: Finished,
    log: LogWriter,
    signal: AbortSignal,
  ): Promise<Completed> {
    const { outcome, transcript } = ending
    if (outcome.kind !== 'succeeded' || execution.mode === 'apply' || !transcript) {
      return { ...ending, collected: null }
    }
    const collected = transcript.collected()
    const say = (line: string) => log.append(serverEntry(clock.now(), line))
    try {
      const whole = await registries.complete(execution, collected, { say, signal })
      const partial = outcome.partial || whole.gaps.length > collected.gaps.length
      return { ...ending, outcome: { ...outcome, partial }, collected: whole }
    } catch (error) {
      // What the node said stands by itself.
      logger.error({ err: error }, 'images not looked up')
      return { ...ending, collected }
    }
  }

  /**
   * The log is on disk before the end is, and the end before the node may forget: whatever breaks in between, the
   * next start finds enough to finish the same way.
   */
  async function finish(
    execution: StoredExecution,
    ending: Completed,
    log: LogWriter,
    shutdown: AbortSignal,
  ): Promise<void> {
    const { nodeId, agentId } = execution
    const { outcome, visit, isOnRecord, isBroken } = ending
    log.append(serverEntry(clock.now(), toWords(outcome), levelOf(outcome)))
    const begunMs = clock.monotonicMs()
    const kept = await patiently(shutdown, async () => {
      await log.flush()
      return db.write((tx) => keep(tx, execution, ending, log.seq))
    })
    if (!kept) {
      logger.warn({ outcome: outcome.kind }, 'execution was concluded elsewhere')
      return
    }
    changed(execution, outcome.kind)
    events.emit('execution.finished', { executionId: execution.id, nodeId, agentId, outcome: outcome.kind })
    if (outcome.kind === 'succeeded' && execution.mode !== 'apply') {
      events.emit('findings.changed', { nodeId })
    }
    kept.announce()
    // A node does not wait longer for our word that it may forget: then it is told again.
    const isInTime = clock.monotonicMs() - begunMs < ackWaitMs
    const isTold = visit
      ? visit.ack().then((isHeard) => isHeard && isInTime && !isBroken)
      : Promise.resolve(false)
    if (isOnRecord) records.forget(execution, isTold)
    await log.finish()
  }

  /** Where the disk takes nothing now, the end waits until it does: only the next start would look for it again. */
  async function patiently<Result>(shutdown: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
      try {
        return await work()
      } catch (error) {
        if (!isAppError(error) || !passes.has(error.code) || shutdown.aborted) throw error
        logger.warn({ code: error.code, retryInMs: delayMs }, 'end of an execution cannot be kept, retrying')
        // Woken early only to leave.
        await clock.sleep(delayMs, shutdown).catch(() => {})
      }
    }
  }

  async function keep(
    tx: Tx,
    execution: StoredExecution,
    { outcome, transcript, collected, isOnRecord, hostKey }: Completed,
    logLines: number,
  ): Promise<{ announce: Announce } | null> {
    const finishedAt = clock.now().toISOString()
    const held = await store.move(tx, execution.id, execution.fence, outcome.kind, {
      finishedAt,
      outcome,
      logLines,
      waitingFor: null,
      // Where nothing is kept, there is nothing to come back for.
      ...(!isOnRecord && { reattach: null }),
    })
    if (!held) return null
    await store.addJournal(tx, execution.id, finishedAt, 'finished', { outcome: outcome.kind })
    const disksBefore = occasions.isWanted('run')
      ? (await reports.latestMetrics({ names: [diskMetric], nodes: [execution.nodeId] })).items
      : []
    const report = await reportOf(tx, execution, { transcript, collected })
    if (report) {
      await store.note(tx, execution.id, { verdict: report.verdict, findings: countOf(report) })
      await repositories.learn(tx, report)
    }
    const announce = await keepPlan(tx, execution, outcome, { transcript, hostKey })
    const ended = endedNotice(execution, outcome, report?.verdict ?? null)
    if (ended) await notices.put(tx, ended)
    await occasions.put(tx, runEnded(execution, outcome.kind, report, disksBefore))
    await keepCommands(tx, execution, transcript?.commands() ?? [])
    await audit.append(tx, {
      actor: serverActor,
      action: 'execution.finished',
      target: execution.nodeId,
      detail: {
        executionId: execution.id,
        outcome: outcome.kind,
        problem: outcome.problem?.code ?? null,
        exitCode: outcome.exitCode,
        forced: outcome.forced,
        left: outcome.left,
      },
    })
    return { announce }
  }

  /** What it proposes, or what became of what it was to do. */
  async function keepPlan(
    tx: Tx,
    execution: StoredExecution,
    { kind }: Outcome,
    { transcript, hostKey }: { transcript: Transcript | null; hostKey: string | null },
  ): Promise<Announce> {
    if (execution.mode === 'apply') {
      return plans.settle(tx, execution, {
        outcome: kind,
        told: transcript?.told() ?? null,
        bytesFreed: transcript?.bytesFreed() ?? null,
      })
    }
    // A look that was cut short proposes nothing, and takes nothing back.
    if (execution.mode !== 'plan' || kind !== 'succeeded' || !transcript) return () => {}
    return plans.keep(tx, execution, { actions: transcript.proposed(), hostKey })
  }

  /** Only a run that came to its end is a report: half of one would read like an all-clear. */
  async function reportOf(
    tx: Tx,
    execution: StoredExecution,
    { transcript, collected }: Pick<Completed, 'transcript' | 'collected'>,
  ) {
    const result = transcript?.result()
    // A run that made changes did not look around: as a report it would take every finding back.
    if (!collected || !result) return null
    return reports.store(tx, {
      execution: {
        id: execution.id,
        nodeId: execution.nodeId,
        agentId: execution.agentId,
        agentVersion: execution.agentVersion,
      },
      nodeName: execution.nodeName,
      durationMs: result.ms,
      collected,
    })
  }

  async function keepCommands(
    tx: Tx,
    execution: StoredExecution,
    commands: readonly Command[],
  ): Promise<void> {
    for (const command of commands) {
      const { kind, argv } = command
      const ended = kind === 'exec' ? { rc: command.rc, ms: command.ms } : {}
      await audit.append(tx, {
        actor: { ...serverActor, name: execution.startedBy },
        action: kind === 'denied' ? 'command.denied' : 'command.ran',
        target: execution.nodeId,
        detail: { executionId: execution.id, argv: shortened(argv), ...ended },
      })
    }
  }

  function changed(
    { id, nodeId, agentId }: StoredExecution,
    state: FinalState | 'running' | 'stopping' | 'queued',
  ) {
    events.emit('execution.changed', { executionId: id, nodeId, agentId, state })
  }

  return { enter, conclude }
}

/** The words of a command as far as the audit trail takes them: a long one must not push out that it ran. */
function shortened(argv: readonly string[]): string[] {
  const kept: string[] = []
  let room = longestCommand
  for (const word of argv) {
    if (room <= 0) return [...kept, '…']
    kept.push(word.length > room ? `${word.slice(0, room)}…` : word)
    room -= word.length + 1
  }
  return kept
}

function countOf(report: Report): NonNullable<Execution['findings']> {
  const counts = { critical: 0, high: 0, warning: 0, info: 0 }
  for (const { severity, state } of report.findings) if (state !== 'resolved') counts[severity]++
  return counts
}

function toWords(outcome: Outcome): string {
  const forced = outcome.forced ? ' Some processes ignored the polite signal and were killed.' : ''
  const left = outcome.left.length > 0 ? ` Could not be ended: ${outcome.left.join(', ')}.` : ''
  switch (outcome.kind) {
    case 'succeeded':
      return `Succeeded${outcome.partial ? ', with gaps' : ''}.${forced}${left}`
    case 'cancelled':
      return `Cancelled.${forced}${left || ' Nothing of it is left running.'}`
    default:
      return `${problemInWords(outcome)}${forced}${left}`
  }
}

function problemInWords({ kind, problem }: Outcome): string {
  if (!problem) return `${kind}.`
  const { title, detail } = problem
  return detail === `${title}.` ? detail : `${title}. ${detail}`
}

function levelOf({ kind }: Outcome): 'info' | 'warn' | 'error' {
  if (kind === 'succeeded') return 'info'
  return kind === 'cancelled' ? 'warn' : 'error'
}
