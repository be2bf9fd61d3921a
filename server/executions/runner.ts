import type { AgentConfig } from '../../contract/agent-protocol.ts'
import { toProblem } from '../../contract/errors.ts'
import type { Outcome } from '../../contract/executions.ts'
import type { Catalogue, CatalogueEntry } from '../agents/catalogue.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import { serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { isAppError } from '../lib/errors.ts'
import { type Logger, withLogContext } from '../lib/logger.ts'
import { isBlocking } from '../nodes/health.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { Reports } from '../reports/reports.ts'
import { attach, launch, type Visit, type VisitEnd } from '../ssh/launch.ts'
import type { Pool, PoolLease } from '../ssh/pool.ts'
import { sweep } from '../ssh/sweep.ts'
import type { Ending } from './ending.ts'
import type { Logs, LogWriter } from './log.ts'
import { outcomeOf, outcomeWithout } from './outcome.ts'
import type { StopSignal } from './queue.ts'
import type { ExecutionStore, StoredExecution } from './store.ts'
import { createTranscript, serverEntry, type Transcript } from './transcript.ts'

/** How long a resumable run goes on without this server, seconds: enough for an update of the server. */
const leaseS = 120
/** Between the polite and the firm signal on the node, seconds. */
const graceS = 5
/** A broken link is looked for this much longer than the lease: what the run left can still be read then. */
const searchBeyondLeaseS = 60
/** Waits between attempts to find a run again, seconds; the last one repeats. */
const searchDelaysS = [0.5, 1, 2, 4, 8, 15]
/** How often a launch is sent again when nothing had started: the link broke on the way. */
const launches = 3

interface RunnerTools {
  db: Database
  store: ExecutionStore
  logs: Logs
  catalogue: Catalogue
  nodes: Nodes
  pool: Pool
  reports: Reports
  audit: Audit
  clock: Clock
  logger: Logger
  /** Keeps how it ended, tells everybody, and lets the node forget the run. */
  conclude(execution: StoredExecution, ending: Ending, log: LogWriter): Promise<void>
  /** The state moved; false when this runner no longer holds the execution. */
  enter(execution: StoredExecution, state: 'running' | 'stopping'): Promise<boolean>
}

/** One execution under way: what its steps share. */
interface Journey {
  readonly execution: StoredExecution
  readonly entry: CatalogueEntry
  readonly log: LogWriter
  readonly stop: StopSignal
  readonly transcript: Transcript
  readonly leaseS: number
  attempts: number
}

/** Performs executions: connect → launch → listen → conclude, and finds a run again when the link breaks. */
export function createRunner(tools: RunnerTools) {
  const { db, store, logs, catalogue, nodes, pool, reports, audit, clock, logger } = tools

  async function perform(execution: StoredExecution, stop: StopSignal): Promise<void> {
    await withLogContext({ executionId: execution.id, node: execution.nodeName }, async () => {
      const log = await logs.writer(execution.id)
      try {
        await tools.conclude(execution, await endingOf(execution, stop, log), log)
      } finally {
        await log.close()
      }
    })
  }

  async function endingOf(execution: StoredExecution, stop: StopSignal, log: LogWriter): Promise<Ending> {
    try {
      const entry = catalogue.get(execution.agentId)
      const startedAtMs = execution.reattach?.startedAtMs ?? clock.now().getTime()
      const journey: Journey = {
        execution,
        entry,
        log,
        stop,
        transcript: createTranscript(log, startedAtMs),
        leaseS: execution.reattach?.leaseS ?? (entry.manifest.resumable ? leaseS : 0),
        attempts: 0,
      }
      return execution.reattach ? await resume(journey) : await travel(journey)
    } catch (error) {
      if (!isAppError(error)) logger.error({ err: error }, 'execution broke')
      const problem = isAppError(error) ? error.problem : toProblem('server.bug')
      return {
        kind: 'finished',
        outcome: outcomeWithout('failed', problem, 0),
        transcript: null,
        visit: null,
      }
    }
  }

  /** A new run, from the connection to the last word of the agent. */
  async function travel(journey: Journey): Promise<Ending> {
    for (let round = 1; ; round++) {
      const reached = await reach(journey)
      if ('ending' in reached) return reached.ending
      const { lease } = reached
      try {
        const visit = await start(journey, lease)
        return await follow(journey, visit)
      } catch (error) {
        if (!isAppError(error)) throw error
        // The link broke before the agent said hello. What only reads may be sent again; a change never is.
        const isHarmless = journey.entry.manifest.actions.length === 0 || journey.execution.dryRun
        if (error.code === 'ssh.link_lost' && isHarmless && round < launches && !journey.stop.reason) continue
        return notStarted(journey, error.problem)
      } finally {
        lease.release()
      }
    }
  }

  /** Opens or borrows the connection; or says how the execution ends without one. */
  async function reach({
    execution,
    log,
    stop,
  }: Journey): Promise<{ lease: PoolLease } | { ending: Ending }> {
    const actor = { ...serverActor, name: execution.startedBy }
    try {
      const target = await nodes.targetOf(execution.nodeId, { actor })
      const begun = clock.monotonicMs()
      const lease = await pool.use(target, stop.signal)
      const took = Math.round(clock.monotonicMs() - begun)
      const how = lease.isNew
        ? `Connected to ${lease.connection.address} in ${took} ms.`
        : 'Using the open connection.'
      log.append(serverEntry(clock.now(), how))
      return { lease }
    } catch (error) {
      if (stop.reason === 'user') return { ending: finished(outcomeWithout('cancelled', null, 0)) }
      if (stop.reason === 'shutdown')
        return { ending: { kind: 'handed-back', notBefore: null, waitingFor: null } }
      if (!isAppError(error)) throw error
      const { problem, retryAt } = error
      if (problem.code === 'ssh.connection_budget' && retryAt) {
        const notBefore = retryAt.toISOString()
        return {
          ending: { kind: 'handed-back', notBefore, waitingFor: `the next connection at ${notBefore}` },
        }
      }
      log.append(serverEntry(clock.now(), `${problem.title}. ${problem.detail}`, 'error'))
      await nodes.recordProblem(execution.nodeId, problem)
      const kind = isBlocking(problem.code) ? 'blocked' : 'unreachable'
      return { ending: finished(outcomeWithout(kind, problem, attemptsOf(error))) }
    }
  }

  /** Carries the agent over and starts it. The intent is on disk before the first byte leaves. */
  async function start(journey: Journey, lease: PoolLease): Promise<Visit> {
    const { execution, entry, log, transcript } = journey
    const node = await nodes.stored(execution.nodeId)
    const history = await reports.historyFor({
      nodeId: node.id,
      agentId: execution.agentId,
      keys: entry.manifest.history,
    })
    const startedAtMs = clock.now().getTime()
    await db.write(async (tx) => {
      const at = clock.now().toISOString()
      await store.note(tx, execution.id, { reattach: { leaseS: journey.leaseS, startedAtMs, folder: null } })
      await store.addJournal(tx, execution.id, at, 'launch.intent', { leaseS: journey.leaseS })
      await audit.append(tx, {
        actor: { ...serverActor, name: execution.startedBy },
        action: 'execution.launched',
        target: execution.nodeId,
        detail: {
          executionId: execution.id,
          agent: `${execution.agentId} ${execution.agentVersion}`,
          bundleSha256: entry.payload.sha256,
          user: node.username,
          elevation: node.elevation,
        },
      })
    })
    const config: AgentConfig = {
      run: {
        id: execution.id,
        mode: entry.manifest.actions.length > 0 ? 'plan' : 'report',
        dryRun: execution.dryRun,
        timeoutS: execution.timeoutS,
        sentAt: startedAtMs / 1_000,
        elevation: node.elevation,
      },
      node: { id: node.id, name: node.name },
      options: execution.options,
      history,
      secrets: {},
    }
    const visit = await nodes.withSudoPassword(node, (sudoPassword) =>
      launch(
        lease.connection,
        {
          runId: execution.id,
          payload: entry.payload,
          config,
          timeoutS: execution.timeoutS,
          graceS,
          leaseS: journey.leaseS,
          elevation: node.elevation,
          sudoPassword,
          pythonHint: node.pythonHint,
        },
        { clock, logger, signal: journey.stop.signal },
      ),
    )
    const { hello } = visit
    log.append(serverEntry(clock.now(), `Running with Python ${hello.py} as uid ${hello.uid}.`))
    if (journey.leaseS > 0 && hello.dir === null) {
      log.append(serverEntry(clock.now(), toProblem('launch.no_scratch_folder').fix, 'warn'))
    }
    transcript.take(hello)
    await nodes.recordSeen(node.id, { os: hello.os, python: hello.py, uid: String(hello.uid) }, hello.exe)
    await tools.enter(execution, 'running')
    return visit
  }

  /** A run that this server started before it went away, or whose link broke: find it and hear the rest. */
  async function resume(journey: Journey): Promise<Ending> {
    const { execution, log } = journey
    log.append(serverEntry(clock.now(), 'The server is back; looking for the run on the node.'))
    return (await search(journey)) ?? gone(journey)
  }

  /** Hears the run to its end; when the link breaks, finds it again and goes on where it stopped. */
  async function follow(journey: Journey, visit: Visit): Promise<Ending> {
    const { execution, log, stop, transcript } = journey
    const end = await listen(journey, visit)
    switch (end.kind) {
      case 'ended':
        return {
          kind: 'finished',
          outcome: outcomeOf({
            end: end.frame,
            status: transcript.result()?.status ?? null,
            reason: transcript.result()?.reason ?? null,
            timeoutS: execution.timeoutS,
            attempts: Math.max(1, journey.attempts),
            lastLines: transcript.lastLines(),
          }),
          transcript,
          visit,
        }
      case 'lost':
        return { ...lost(journey, end.why), visit }
      case 'link-lost':
        if (stop.reason === 'shutdown') {
          if (journey.leaseS > 0) return { kind: 'left' }
          return finished({ ...outcomeWithout('cancelled', null, 1), lastLines: [...transcript.lastLines()] })
        }
        log.append(serverEntry(clock.now(), 'The link to the node broke.', 'warn'))
        await journal(execution, 'link.lost', { lastFrame: transcript.lastFrame() })
        if (journey.leaseS === 0) return gone(journey)
        return (await search(journey)) ?? gone(journey)
    }
  }

  /** Passes on what the run says until it ends or the link breaks, and what the user wants to the run. */
  async function listen(
    { execution, stop, transcript, leaseS: lease }: Journey,
    visit: Visit,
  ): Promise<VisitEnd> {
    const onStop = () => {
      if (stop.reason === 'shutdown' && lease > 0) return visit.detach()
      visit.cancel()
      tools
        .enter(execution, 'stopping')
        .catch((error: unknown) => logger.error({ err: error }, 'state not kept'))
    }
    if (stop.signal.aborted) onStop()
    else stop.signal.addEventListener('abort', onStop, { once: true })
    try {
      for await (const item of visit.frames) {
        if (item.t === 'noise') transcript.takeNoise(item, clock.now().toISOString())
        else transcript.take(item)
      }
      return await visit.ended
    } finally {
      stop.signal.removeEventListener('abort', onStop)
    }
  }

  /** Tries to reach the run until its lease is long over; undefined when that was in vain. */
  async function search(journey: Journey): Promise<Ending | undefined> {
    const { execution, stop, transcript, log } = journey
    const until = clock.monotonicMs() + (journey.leaseS + searchBeyondLeaseS) * 1_000
    for (let round = 0; clock.monotonicMs() < until; round++) {
      if (stop.reason === 'shutdown') return { kind: 'left' }
      const lease = await borrow(journey)
      if (lease) {
        try {
          const visit = await attach(
            lease.connection,
            {
              runId: execution.id,
              after: transcript.lastFrame(),
              folder: execution.reattach?.folder ?? null,
            },
            { clock, logger, signal: stop.signal },
          )
          log.append(serverEntry(clock.now(), 'Found the run again.'))
          await journal(execution, 'attached', { after: transcript.lastFrame() })
          if (execution.state !== 'running') await tools.enter(execution, 'running')
          return await follow(journey, visit)
        } catch (error) {
          if (!isAppError(error) || error.code !== 'ssh.link_lost') throw error
        } finally {
          lease.release()
        }
      }
      const delayS = searchDelaysS[Math.min(round, searchDelaysS.length - 1)] ?? 15
      // A cancel does not end the search: only on the node can it be proved that nothing is left.
      await clock.sleep(delayS * 1_000)
    }
    return undefined
  }

  /** A connection for looking after a run that is out there already: no budget may strand it. */
  async function borrow({ execution }: Journey): Promise<PoolLease | null> {
    try {
      const target = await nodes.targetOf(execution.nodeId, { actor: serverActor })
      return await pool.use({ ...target, connectionsPerHour: 0 })
    } catch (error) {
      if (!isAppError(error)) throw error
      return null
    }
  }

  /** The run cannot be found. Clears away whatever of it may be left on the node, as far as that is reachable. */
  async function gone(journey: Journey): Promise<Ending> {
    const { execution, log } = journey
    const lease = await borrow(journey)
    if (lease) {
      try {
        const { found, left } = await sweep(lease.connection, {
          activeRunIds: (await store.activeIds(execution.nodeId)).filter((id) => id !== execution.id),
        })
        const text = `Swept the node: ${found} processes were found, ${left.length} are left.`
        log.append(serverEntry(clock.now(), text))
      } catch (error) {
        if (!isAppError(error)) throw error
        log.append(serverEntry(clock.now(), `The node could not be swept: ${error.problem.title}.`, 'warn'))
      } finally {
        lease.release()
      }
    }
    return lost(journey, 'The link broke, and the run could not be found again.')
  }

  function lost({ transcript, attempts, stop }: Journey, why: string): Extract<Ending, { kind: 'finished' }> {
    const outcome = outcomeWithout('lost', toProblem('execution.lost', sentence(why)), attempts)
    const detail = stop.reason === 'user' ? ' It had been asked to stop.' : ''
    if (outcome.problem && detail) outcome.problem.detail += detail
    return finished({ ...outcome, lastLines: [...transcript.lastLines()] })
  }

  /** The node was reached, but the agent did not start. */
  async function notStarted(
    { execution, log, stop }: Journey,
    problem: NonNullable<Outcome['problem']>,
  ): Promise<Ending> {
    if (stop.reason === 'user') return finished(outcomeWithout('cancelled', null, 1))
    log.append(serverEntry(clock.now(), `${problem.title}. ${problem.detail}`, 'error'))
    await nodes.recordProblem(execution.nodeId, problem)
    return finished(outcomeWithout(isBlocking(problem.code) ? 'blocked' : 'failed', problem, 1))
  }

  async function journal(
    execution: StoredExecution,
    step: string,
    detail: Record<string, unknown>,
  ): Promise<void> {
    await db.write((tx) => store.addJournal(tx, execution.id, clock.now().toISOString(), step, detail))
  }

  return { perform }
}
export type Runner = ReturnType<typeof createRunner>

const finished = (outcome: Outcome): Extract<Ending, { kind: 'finished' }> => ({
  kind: 'finished',
  outcome,
  transcript: null,
  visit: null,
})

const sentence = (text: string): string =>
  text.endsWith('.') ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** How often a connection was tried, as the connector counted it. */
const attemptsOf = (error: unknown): number =>
  typeof error === 'object' && error !== null && 'attempts' in error && typeof error.attempts === 'number'
    ? error.attempts
    : 1
