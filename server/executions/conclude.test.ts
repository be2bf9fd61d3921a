import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toProblem } from '../../contract/errors.ts'
import type { Outcome } from '../../contract/executions.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import { executionFloor, type ExecutionFloor } from '../../testbed/execution-floor.ts'
import type { Collected } from '../reports/collected.ts'
import type { Frame } from '../ssh/frames.ts'
import type { Visit } from '../ssh/launch.ts'
import { createConclusion } from './conclude.ts'
import type { Ending } from './ending.ts'
import type { LogWriter } from './log.ts'
import { outcomeWithout, plainOutcome } from './outcome.ts'
import type { StoredExecution } from './store.ts'
import { createTranscript } from './transcript.ts'

let floor: ExecutionFloor
let conclusion: ReturnType<typeof createConclusion>
let execution: StoredExecution
let log: LogWriter
let told: string[]
let acknowledged: number
/** Whether the node was told that it may forget the run; null as long as it must not. */
let forgotten: Promise<boolean> | null

beforeEach(async () => {
  floor = await executionFloor()
  const { db, executionStore: store, reports, plans, audit, notices, events, clock, logger } = floor
  const repositories = nothingLearnt
  conclusion = createConclusion({
    db,
    store,
    reports,
    plans,
    records: { forget: (_, isTold) => void (forgotten = isTold) },
    repositories,
    registries: nothingAsked,
    audit,
    notices,
    occasions: floor.occasions,
    events,
    clock,
    logger,
  })
  await floor.addNode('nas')
  floor.queue.start()
  await floor.queueOn('nas')
  execution = floor.begun[0]?.execution as StoredExecution
  await db.write((tx) => store.note(tx, execution.id, { reattach: { leaseS: 120, startedAtMs: 0 } }))
  log = await floor.logs.writer(execution.id)
  acknowledged = 0
  forgotten = null
  lookedUp = (collected) => collected
  told = []
  events.on('execution.changed', 'test', ({ state }) => void told.push(state))
  events.on('execution.finished', 'test', ({ outcome }) => void told.push(`finished ${outcome}`))
})
afterEach(() => floor.close())

const nothingLearnt = { learn: () => Promise.resolve() }
let lookedUp: (collected: Collected) => Collected
const nothingAsked = { complete: async (_: unknown, collected: Collected) => lookedUp(collected) }
const staying = { signal: new AbortController().signal, shutdown: new AbortController().signal }
const stored = async () => (await floor.executionStore.find(execution.id)) as StoredExecution
const texts = async (id: ExecutionId = execution.id) =>
  (await floor.logs.read(id, 0, 100)).items.map(({ text }) => text)
const steps = async () => (await floor.executionStore.journal(execution.id)).map(({ step }) => step)

const visit = {
  ack: async () => {
    acknowledged++
    return true
  },
} as unknown as Visit

/** What the agent said, as if it had just been heard. */
function transcriptOf(...said: [kind: string, fields: Record<string, unknown>][]) {
  const transcript = createTranscript(log, 0)
  said.forEach(([k, v], index) => {
    const frame: Frame = { t: 'ev', q: index + 1, ms: 0, k, v }
    transcript.take(frame)
  })
  return transcript
}

const finished = (given: Partial<Extract<Ending, { kind: 'finished' }>>): Ending => ({
  kind: 'finished',
  outcome: plainOutcome,
  transcript: null,
  visit: null,
  hostKey: null,
  isOnRecord: true,
  isBroken: false,
  ...given,
})

const finding = {
  id: 'disk.full',
  severity: 'critical',
  subject: '/var',
  key: 'disk.full:/var',
  title: '/var is full',
  evidence: { used: 99 },
  fix: null,
  confidence: 'certain',
}

describe('an execution that went well', () => {
  beforeEach(() => conclusion.enter(execution, 'running'))

  test('has a report, and the node may forget the run', async () => {
    const transcript = transcriptOf(
      ['finding', { finding }],
      ['exec', { argv: ['df', '-P'], rc: 0, ms: 3 }],
      ['denied', { argv: ['rm', '-rf', '/'] }],
      ['result', { status: 'ok', ms: 1_200 }],
    )
    await conclusion.conclude(execution, finished({ transcript, visit }), log, staying)
    const ended = await stored()
    expect(ended).toMatchObject({
      state: 'succeeded',
      outcome: { kind: 'succeeded' },
      findings: { critical: 1, high: 0, warning: 0, info: 0 },
      finishedAt: '2026-03-01T12:00:00.001Z',
      logLines: 5,
    })
    expect(ended.verdict).toContain('/var is full')
    expect(await floor.reports.get(execution.id)).toMatchObject({ durationMs: 1_200, verdict: ended.verdict })
    expect(acknowledged).toBe(1)
    expect(await forgotten).toBe(true)
    expect(told).toEqual(['running', 'succeeded', 'finished succeeded'])
    expect(await steps()).toEqual(['claimed', 'running', 'finished'])
    expect((await texts()).at(-1)).toBe('Succeeded.')
    expect((await floor.logs.read(execution.id, 0, 1)).complete).toBe(true)
  })

  test('is told with what is known elsewhere, and has a gap where that could not be seen', async () => {
    const more = { what: 'registry: web:1', why: 'down', remedy: null }
    lookedUp = (collected) => ({ ...collected, gaps: [...collected.gaps, more], status: 'partial' })
    const transcript = transcriptOf(['result', { status: 'ok', ms: 1 }])
    await conclusion.conclude(execution, finished({ transcript }), log, staying)
    expect((await stored()).outcome).toMatchObject({ kind: 'succeeded', partial: true })
    expect((await floor.reports.get(execution.id)).gaps).toEqual([more])
    expect((await texts()).at(-1)).toBe('Succeeded, with gaps.')
  })

  test('stands by itself when what is known elsewhere cannot be had', async () => {
    lookedUp = () => {
      throw new Error('out of order')
    }
    const transcript = transcriptOf(['finding', { finding }], ['result', { status: 'ok', ms: 1 }])
    await conclusion.conclude(execution, finished({ transcript }), log, staying)
    expect((await floor.reports.get(execution.id)).findings).toMatchObject([{ rule: 'disk.full' }])
    expect((await stored()).state).toBe('succeeded')
  })

  test('leaves every command in the audit trail, in the name of who started it', async () => {
    const transcript = transcriptOf(
      ['exec', { argv: ['df', '-P'], rc: 0, ms: 3 }],
      ['denied', { argv: ['rm', '-rf', '/'] }],
      ['cmd', { argv: ['python3', '-c', 'x'.repeat(100_000), 'y', 'z'], via: 'os.exec' }],
    )
    await conclusion.conclude(execution, finished({ transcript }), log, staying)
    const { items } = await floor.audit.list({ limit: 50, target: execution.nodeId })
    const commands = items.filter(({ action }) => action.startsWith('command.')).reverse()
    expect(commands).toMatchObject([
      {
        action: 'command.ran',
        actor: 'user:anna',
        detail: { executionId: execution.id, argv: ['df', '-P'], rc: 0, ms: 3 },
      },
      { action: 'command.denied', detail: { argv: ['rm', '-rf', '/'] } },
      { action: 'command.ran', detail: { argv: ['python3', '-c', expect.stringMatching(/^x+…$/), '…'] } },
    ])
    expect(await floor.audit.verify()).toMatchObject({ sound: true })
  })

  test('has no report when the agent did not say that it came to its end', async () => {
    await conclusion.conclude(
      execution,
      finished({ transcript: transcriptOf(['finding', { finding }]) }),
      log,
      staying,
    )
    expect(await stored()).toMatchObject({ state: 'succeeded', verdict: null, findings: null })
    await expect(floor.reports.get(execution.id)).rejects.toMatchObject({ code: 'execution.no_report' })
  })
})

test('half a run is no report: it would read like an all-clear', async () => {
  await conclusion.enter(execution, 'running')
  const transcript = transcriptOf(['finding', { finding }], ['result', { status: 'timeout' }])
  const problem = toProblem('execution.timed_out', 'The agent was stopped after 60 s.')
  const outcome: Outcome = { ...plainOutcome, kind: 'timed-out', problem, forced: true, left: [4_711] }
  await conclusion.conclude(execution, finished({ outcome, transcript, visit }), log, staying)
  expect(await stored()).toMatchObject({ state: 'timed-out', verdict: null, outcome })
  await expect(floor.reports.get(execution.id)).rejects.toMatchObject({ code: 'execution.no_report' })
  expect((await texts()).at(-1)).toBe(
    `${problem.title}. The agent was stopped after 60 s. Some processes ignored the polite signal and were killed. Could not be ended: 4711.`,
  )
})

test('a cancelled run says that nothing of it is left', async () => {
  await conclusion.conclude(
    execution,
    finished({ outcome: outcomeWithout('cancelled', null, 0) }),
    log,
    staying,
  )
  expect((await texts()).at(-1)).toBe('Cancelled. Nothing of it is left running.')
  expect(told).toEqual(['cancelled', 'finished cancelled'])
})

test('a node that could not be reached is told with the reason', async () => {
  const problem = toProblem('ssh.connection_refused', 'nas refused.')
  await conclusion.conclude(
    execution,
    finished({ outcome: outcomeWithout('unreachable', problem, 3) }),
    log,
    staying,
  )
  expect(await stored()).toMatchObject({ state: 'unreachable', outcome: { problem, attempts: 3 } })
  expect((await texts()).at(-1)).toBe(`${problem.title}. nas refused.`)
})

describe('a runner that no longer holds the execution', () => {
  beforeEach(() => floor.db.write((tx) => floor.executionStore.takeOver(tx, execution.id)))

  test('does not end it, and does not let the node forget it', async () => {
    await conclusion.conclude(execution, finished({ visit }), log, staying)
    expect(await stored()).toMatchObject({ state: 'connecting', outcome: null, reattach: { leaseS: 120 } })
    expect(acknowledged).toBe(0)
    expect(forgotten).toBeNull()
    expect(told).toEqual([])
    expect(await floor.done()).not.toContain('execution.finished')
  })

  test('does not move it either', async () => {
    expect(await conclusion.enter(execution, 'running')).toBe(false)
    await conclusion.conclude(
      execution,
      { kind: 'handed-back', notBefore: null, waitingFor: null },
      log,
      staying,
    )
    expect((await stored()).state).toBe('connecting')
    expect(await steps()).toEqual(['claimed'])
    expect(told).toEqual([])
  })
})

test('what has to wait goes back into the queue, and says for what', async () => {
  const notBefore = '2026-03-01T12:30:00.000Z'
  const waitingFor = `the next connection at ${notBefore}`
  await conclusion.conclude(execution, { kind: 'handed-back', notBefore, waitingFor }, log, staying)
  expect(await stored()).toMatchObject({ state: 'queued', startedAt: null, waitingFor, reattach: null })
  expect(await floor.executionStore.nextNotBefore('2026-03-01T12:00:00.000Z')).toBe(notBefore)
  expect(await steps()).toEqual(['claimed', 'handed-back'])
  expect(told).toEqual(['queued'])
})

test('what goes on without the server stays as it is', async () => {
  await conclusion.enter(execution, 'running')
  await conclusion.conclude(execution, { kind: 'left' }, log, staying)
  expect(await stored()).toMatchObject({ state: 'running', reattach: { leaseS: 120 } })
  expect((await texts()).at(-1)).toBe('The server stops; the run goes on and is picked up again.')
  expect((await floor.logs.read(execution.id, 0, 1)).complete).toBe(false)
})
