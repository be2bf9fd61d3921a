import type { AgentConfig } from '../../contract/agent-protocol.ts'
import { toProblem } from '../../contract/errors.ts'
import type { Outcome } from '../../contract/executions.ts'
import type { Catalogue } from '../agents/catalogue.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import { serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { type AppError, isAppError } from '../lib/errors.ts'
import { type Logger, withLogContext } from '../lib/logger.ts'
import { isBlocking } from '../nodes/health.ts'
import type { Nodes, StoredNode } from '../nodes/nodes.ts'
import type { Bound } from '../plans/bound.ts'
import type { Plans } from '../plans/plans.ts'
import type { Reports } from '../reports/reports.ts'
import type { Repositories } from '../repositories/repositories.ts'
import { launch, StartUnheard, type Visit, type VisitEnd } from '../ssh/launch.ts'
import type { Pool, PoolLease } from '../ssh/pool.ts'
import type { Ending } from './ending.ts'
import type { Journey, Presence } from './journey.ts'
import type { Logs, LogWriter } from './log.ts'
import { type EndFrame, outcomeOf, outcomeWithout } from './outcome.ts'
import type { StopSignal } from './queue.ts'
import type { Search } from './search.ts'
import type { ExecutionStore, StoredExecution } from './store.ts'
import { createTranscript, serverEntry } from './transcript.ts'

/** How long a resumable run goes on without this server, seconds: enough for an update of the server. */
const resumableLeaseS = 120
/** Between the polite and the firm signal on the node, seconds. */
const graceS = 5
/** How often a launch is sent when the link breaks before anything has started. */
const launches = 3

interface RunnerTools {
  db: Database
  store: ExecutionStore
  logs: Logs
  catalogue: Catalogue
  nodes: Nodes
  pool: Pool
  search: Search
  reports: Reports
  plans: Plans
  repositories: Pick<Repositories, 'lend'>
  audit: Audit
  clock: Clock
  logger: Logger
  /** Keeps how it ended, tells everybody, and lets the node forget the run. */
  conclude(execution: StoredExecution, ending: Ending, log: LogWriter, stop: StopSignal): Promise<void>
  /** The state moved; false when this runner no longer holds the execution. */
  enter(execution: StoredExecution, state: 'running' | 'stopping'): Promise<boolean>
}

/** Performs executions: connect → launch → listen → conclude, and finds a run again when the link breaks. */
export function createRunner(tools: RunnerTools) {
  const { db, store, logs, catalogue, nodes, pool, search, reports, plans, repositories } = tools
  const { audit, clock, logger } = tools

  async function perform(execution: StoredExecution, stop: StopSignal): Promise<void> {
    await withLogContext({ executionId: execution.id, node: execution.nodeName }, async () => {
      const log = await logs.writer(execution.id)
      try {
        await tools.conclude(execution, await endingOf(execution, stop, log), log, stop)
      } finally {
        await log.close()
      }
    })
  }

  async function endingOf(execution: StoredExecution, stop: StopSignal, log: LogWriter): Promise<Ending> {
    let journey: Journey | null = null
    try {
      const entry = catalogue.get(execution.agentId)
      const { reattach } = execution
      journey = {
        execution,
        entry,
        log,
        stop,
        transcript: createTranscript(log, reattach?.startedAtMs ?? clock.now().getTime()),
        leaseS: reattach?.leaseS ?? (entry.manifest.resumable ? resumableLeaseS : 0),
        hasStarted: execution.state !== 'connecting',
        isSent: reattach !== null,
        isBroken: false,
      }
      return reattach ? await resume(journey) : await travel(journey)
    } catch (error) {
      if (!isAppError(error)) logger.error({ err: error }, 'execution broke')
      const problem = isAppError(error) ? error.problem : toProblem('server.bug')
      // Such as a disk that takes nothing: what counts as failed must not go on on its node.
      if (journey) await clearUp(journey)
      return ended(outcomeWithout('failed', problem, 0), journey)
    }
  }

  /** A new run, from the connection to the last word of the agent. */
  async function travel(journey: Journey): Promise<Ending> {
    for (let round = 1; ; round++) {
      const reached = await reach(journey)
      if ('ending' in reached) return reached.ending
      const { lease } = reached
      let visit: Visit
      try {
        visit = await start(journey, lease)
      } catch (error) {
        lease.release()
        // What is wrong with our own disk says nothing of the node, and nothing of whether the run is there.
        if (!isAppError(error) || error.code.startsWith('storage.')) throw error
        const isBroken = error.code === 'ssh.link_lost'
        if (!isBroken && !(error instanceof StartUnheard)) {
          journey.isSent = false
          return notStarted(journey, error)
        }
        // Nobody heard a hello, so nobody knows whether it runs. What only reads may be sent again once the node is
        // swept; a change never is.
        if (journey.stop.shutdown.aborted || !isHarmless(journey)) return follow(journey, null)
        journey.isBroken = true
        await clearUp(journey)
        // A node that took too long once is not asked again.
        if (!isBroken || round === launches || journey.stop.reason) return notStarted(journey, error)
        continue
      }
      return follow(journey, { visit, lease })
    }
  }

  /** Sees to it that nothing of a run goes on of which nobody heard whether it started. */
  async function clearUp(journey: Journey): Promise<void> {
    if (journey.isSent && (await search.clearAway(journey))) journey.isSent = false
  }

  /** Opens or borrows the connection; or says how the execution ends without one. */
  async function reach(journey: Journey): Promise<{ lease: PoolLease } | { ending: Ending }> {
    const { execution, log, stop } = journey
    try {
      const target = await nodes.targetOf(execution.nodeId, { actor: onBehalfOf(execution) })
      const begunMs = clock.monotonicMs()
      const lease = await pool.use(target, stop.signal)
      const tookMs = Math.round(clock.monotonicMs() - begunMs)
      const how = lease.isNew
        ? `Connected to ${lease.connection.address} in ${tookMs} ms.`
        : 'Using the open connection.'
      log.append(serverEntry(clock.now(), how))
      return { lease }
    } catch (error) {
      if (stop.shutdown.aborted) {
        return { ending: journey.isSent ? { kind: 'left' } : handedBack }
      }
      if (stop.reason === 'user') return { ending: ended(outcomeWithout('cancelled', null, 0), journey) }
      if (!isAppError(error)) throw error
      const { problem, retryAt } = error
      // It may have begun in the attempt before.
      if (journey.isSent) return { ending: await lost(journey, problem.detail) }
      if (problem.code === 'ssh.connection_budget' && retryAt) {
        const notBefore = retryAt.toISOString()
        return {
          ending: { kind: 'handed-back', notBefore, waitingFor: `the next connection at ${notBefore}` },
        }
      }
      await nodes.recordProblem(execution.nodeId, problem)
      const kind = isBlocking(problem.code) ? 'blocked' : 'unreachable'
      return { ending: ended(outcomeWithout(kind, problem, attemptsOf(error)), null) }
    }
  }

  /** Carries the agent over and starts it. */
  async function start(journey: Journey, lease: PoolLease): Promise<Visit> {
    const { execution, entry, log, stop, transcript, leaseS } = journey
    const visit = await nodes.withRights(execution.nodeId, (rights, node) =>
      launch(
        lease.connection,
        {
          runId: execution.id,
          payload: entry.payload,
          configure: () => prepare(journey, node, lease.connection.hostKey.fingerprint),
          timeoutS: execution.timeoutS,
          graceS,
          leaseS,
          ...rights,
        },
        // A user who cancels now waits for the hello: only a run that was heard of can be stopped for certain.
        { clock, logger, signal: stop.shutdown },
      ),
    )
    const { hello } = visit
    const heardAt = transcript.timeOf(hello)
    log.append(serverEntry(heardAt, `Running with Python ${hello.py} as uid ${hello.uid}.`))
    if (leaseS > 0 && hello.dir === null) {
      log.append(serverEntry(heardAt, toProblem('launch.no_scratch_folder').fix, 'warn'))
    }
    transcript.take(hello)
    const platform = { os: hello.os, python: hello.py, uid: String(hello.uid) }
    // While the node works, so that little is left to do when it has ended. A failure is met again then, and told.
    log.flush().catch(() => {})
    await Promise.all([nodes.recordSeen(execution.nodeId, platform, hello.exe), markStarted(journey)])
    return visit
  }

  /** The intent is on disk before anything of the run leaves; the node looks for its Python in the meantime. */
  async function prepare(journey: Journey, node: StoredNode, hostKey: string): Promise<AgentConfig> {
    const { execution, entry } = journey
    const approval = await writeIntent(journey, node, hostKey)
    journey.isSent = true
    const history = await reports.historyFor({
      nodeId: node.id,
      agentId: execution.agentId,
      keys: entry.manifest.history,
    })
    const { id: executionId, options } = execution
    const borrower = { executionId, nodeId: node.id, manifest: entry.manifest, options }
    // Into the configuration alone: it is carried to the node once, and kept nowhere.
    const secrets = await repositories.lend(borrower, onBehalfOf(execution))
    return { ...configOf(journey, node, history, secrets), ...(approval && { approval }) }
  }

  async function writeIntent(
    { execution, entry, transcript, leaseS }: Journey,
    node: StoredNode,
    hostKey: string,
  ): Promise<Bound | null> {
    const now = clock.now()
    transcript.startAt(now.getTime())
    const at = now.toISOString()
    return db.write(async (tx) => {
      // It may have waited long since it was started, and the grant may be gone.
      await nodes.checkGrant(tx, execution.nodeId, execution.agentId)
      const approval =
        execution.mode === 'apply'
          ? await plans.orderFor(tx, { ...execution, bundleSha256: entry.payload.sha256 }, hostKey)
          : null
      await store.note(tx, execution.id, { reattach: { leaseS, startedAtMs: now.getTime() } })
      await store.addJournal(tx, execution.id, at, 'launch.intent', { leaseS })
      await audit.append(tx, {
        actor: onBehalfOf(execution),
        action: 'execution.launched',
        target: execution.nodeId,
        detail: {
          executionId: execution.id,
          agent: `${execution.agentId} ${execution.agentVersion}`,
          bundleSha256: entry.payload.sha256,
          user: node.username,
          elevation: node.elevation,
          ...(approval && { approvalId: execution.approvalId, approved: approval.sha256 }),
        },
      })
      return approval
    })
  }

  function configOf(
    { execution }: Journey,
    node: StoredNode,
    history: AgentConfig['history'],
    secrets: AgentConfig['secrets'],
  ): AgentConfig {
    return {
      run: {
        id: execution.id,
        mode: execution.mode,
        dryRun: execution.dryRun,
        timeoutS: execution.timeoutS,
        sentAt: clock.now().getTime() / 1_000,
        elevation: node.elevation,
      },
      node: { id: node.id, name: node.name },
      options: execution.options,
      history,
      secrets,
    }
  }

  /** A run that this server started before it went away: find it and hear the rest. */
  async function resume(journey: Journey): Promise<Ending> {
    const { log, stop } = journey
    log.append(serverEntry(clock.now(), 'The server is back; looking for the run on the node.'))
    const ending = await follow(journey, null)
    const isLost = ending.kind === 'finished' && ending.outcome.kind === 'lost'
    if (!isLost || journey.hasStarted || stop.reason || !isHarmless(journey)) return ending
    log.append(serverEntry(clock.now(), 'It had not started; it begins anew.'))
    return handedBack
  }

  /** Hears the run to its end; whenever nobody of us is with it, finds it again and goes on where it stopped. */
  async function follow(journey: Journey, first: Presence | null): Promise<Ending> {
    const { execution, log, stop, transcript } = journey
    for (let here = first; ; here = null) {
      const presence = here ?? (await rejoin(journey))
      if (!presence) {
        if (stop.shutdown.aborted) return { kind: 'left' }
        return lost(journey, 'The link broke, and the run could not be found again.')
      }
      const end = await listen(journey, presence.visit).finally(() => presence.lease.release())
      if (end.kind === 'ended') return wellHeard(journey, end.frame, presence)
      if (end.kind === 'lost') return lost(journey, end.why)
      if (stop.shutdown.aborted) return { kind: 'left' }
      log.append(serverEntry(clock.now(), 'The link to the node broke.', 'warn'))
      await journal(execution, 'link.lost', { lastFrame: transcript.lastFrame() })
      if (journey.leaseS === 0) return lost(journey, 'The link broke, and the agent stopped with it.')
    }
  }

  async function rejoin(journey: Journey): Promise<Presence | null> {
    const { execution, log, transcript } = journey
    journey.isBroken = true
    const presence = await search.find(journey)
    if (!presence) return null
    log.append(serverEntry(clock.now(), 'Connected to the node again.'))
    await journal(execution, 'attached', { after: transcript.lastFrame() })
    return presence
  }

  /** Passes on what the run says until it ends or the link breaks, and what the user wants to the run. */
  async function listen(journey: Journey, visit: Visit): Promise<VisitEnd> {
    const { execution, stop, transcript, leaseS } = journey
    const onStop = () => {
      if (stop.shutdown.aborted && leaseS > 0) return visit.detach()
      visit.cancel()
      tools
        .enter(execution, 'stopping')
        .catch((error: unknown) => logger.error({ err: error }, 'state not kept'))
    }
    const signals = [stop.signal, stop.shutdown]
    if (stop.signal.aborted) onStop()
    for (const signal of signals) signal.addEventListener('abort', onStop, { once: true })
    try {
      for await (const item of visit.frames) {
        if (item.t === 'noise') {
          transcript.takeNoise(item, clock.now().toISOString())
          continue
        }
        transcript.take(item)
        await markStarted(journey)
      }
      return await visit.ended
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', onStop)
    }
  }

  async function markStarted(journey: Journey): Promise<void> {
    if (journey.hasStarted) return
    journey.hasStarted = true
    await tools.enter(journey.execution, 'running')
  }

  function wellHeard(
    { execution, transcript, leaseS, isBroken }: Journey,
    end: EndFrame,
    { visit, lease }: Presence,
  ): Ending {
    const result = transcript.result()
    const outcome = outcomeOf({
      end,
      status: result?.status ?? null,
      reason: result?.reason ?? null,
      timeoutS: execution.timeoutS,
      attempts: 1,
      lastLines: transcript.lastLines(),
    })
    const hostKey = lease.connection.hostKey.fingerprint
    return { kind: 'finished', outcome, transcript, visit, hostKey, isOnRecord: leaseS > 0, isBroken }
  }

  /** Nobody can say how it ended, but it can be made sure that it has. */
  async function lost(journey: Journey, why: string): Promise<Ending> {
    const { stop, transcript, leaseS } = journey
    await search.clearAway(journey)
    const asked = stop.reason === 'user' ? ' It had been asked to stop.' : ''
    const problem = toProblem('execution.lost', `${sentence(why)}${asked}`)
    const outcome = { ...outcomeWithout('lost', problem, 1), lastLines: [...transcript.lastLines()] }
    return {
      kind: 'finished',
      outcome,
      transcript,
      visit: null,
      hostKey: null,
      isOnRecord: leaseS > 0,
      isBroken: true,
    }
  }

  /** The node was reached, but the agent did not start. */
  async function notStarted(journey: Journey, { problem }: AppError): Promise<Ending> {
    const { execution, stop } = journey
    if (stop.reason === 'user') return ended(outcomeWithout('cancelled', null, 1), journey)
    // A grant or an approval that is gone says nothing about the node.
    if (saysNothingOfNode.has(problem.code)) return ended(outcomeWithout('blocked', problem, 1), journey)
    await nodes.recordProblem(execution.nodeId, problem)
    return ended(outcomeWithout(isBlocking(problem.code) ? 'blocked' : 'failed', problem, 1), journey)
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

const handedBack: Ending = { kind: 'handed-back', notBefore: null, waitingFor: null }

/** An end of which nobody was told. Where it may have begun all the same, its node may keep a record. */
const ended = (outcome: Outcome, journey: Journey | null): Ending => ({
  kind: 'finished',
  outcome,
  transcript: null,
  visit: null,
  hostKey: null,
  isOnRecord: journey !== null && journey.isSent && journey.leaseS > 0,
  isBroken: true,
})

const saysNothingOfNode: ReadonlySet<string> = new Set([
  'node.agent_not_allowed',
  'plan.superseded',
  'plan.expired',
])

/** Whoever started it, in the audit trail; the rights are the server's, for they were checked at the start. */
const onBehalfOf = ({ startedBy }: StoredExecution) => ({ ...serverActor, name: startedBy })

/** Only a run that makes approved changes changes anything. */
const isHarmless = ({ execution }: Journey): boolean => execution.mode !== 'apply' || execution.dryRun

const sentence = (text: string): string =>
  text.endsWith('.') ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** How often a connection was tried, as the pool counted it. */
const attemptsOf = (error: unknown): number =>
  typeof error === 'object' && error !== null && 'attempts' in error && typeof error.attempts === 'number'
    ? error.attempts
    : 1
