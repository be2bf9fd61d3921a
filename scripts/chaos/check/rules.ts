import { isFinal } from '../../../contract/execution-states.ts'
import type { Found, FoundExecution, FoundLog, Known, KnownChange } from './found.ts'

/**
 * What must hold of a data folder whatever was done to it: each rule is a plain function that names what is lost, and
 * nothing when all is there.
 */
export type Rule = (found: Found, known: Known) => string[]

/** The journal of an execution has no holes, says its end once, and agrees with the state. */
const journalAgrees: Rule = ({ executions }) =>
  executions.flatMap((execution) => {
    const { id, state, journal, outcome, finishedAt } = execution
    const steps = journal.map(({ step }) => step)
    const ends = steps.filter((step) => step === 'finished').length
    const isOver = isFinal(state)
    // What was taken back while it waited never came to a runner.
    const expectedEnds = isOver && !(state === 'cancelled' && !hasBegun(execution)) ? 1 : 0
    return [
      ...(journal.some(({ seq }, at) => seq !== at + 1) ? [`the journal of ${id} has holes`] : []),
      ...(ends !== expectedEnds
        ? [`${id} is ${state}, and its journal says ${ends} times that it ended`]
        : []),
      ...(isOver && outcome !== state ? [`${id} is ${state}, and its outcome is ${outcome ?? 'none'}`] : []),
      ...(isOver && finishedAt === null ? [`${id} is ${state}, and nobody knows since when`] : []),
    ]
  })

const hasBegun = ({ journal }: FoundExecution): boolean => journal.some(({ step }) => step === 'finished')

/** What succeeded left its report, and nothing else did. */
const reportsAreThere: Rule = ({ executions }) =>
  executions
    .filter(({ state, hasReport, mode }) => mode === 'report' && (state === 'succeeded') !== hasReport)
    .map(({ id, state, hasReport }) => `${id} is ${state} and has ${hasReport ? 'a' : 'no'} report`)

/** Nothing stays under way for ever. */
const allEnded: Rule = ({ executions }) =>
  executions
    .filter(({ state }) => !isFinal(state))
    .map(({ id }) => `${id} never ended: ${stepsOf(executions, id)}`)

/** Entries of a log are numbered without a hole, and what an agent printed is there line by line. */
const logsAreWhole: Rule = ({ executions, logs }, { runs }) =>
  executions.flatMap((execution) => {
    const { id, state, logLines } = execution
    const log: FoundLog = logs.get(id) ?? { seqs: [], printed: [], hasTorn: false }
    const last = log.seqs.at(-1) ?? 0
    const asked = runs.get(id)
    return [
      ...(log.hasTorn ? [`the log of ${id} holds half an entry`] : []),
      ...(log.seqs.some((seq, at) => seq !== at + 1) ? [`the log of ${id} has holes`] : []),
      ...(isFinal(state) && hasBegun(execution) && last < logLines
        ? [`the log of ${id} has ${last} of ${logLines} entries`]
        : []),
      ...(asked && state === 'succeeded' && !isCount(log.printed, asked.count)
        ? [`the log of ${id} does not hold the ${asked.count} lines that were printed`]
        : []),
      ...(asked && state !== 'succeeded' && !isCount(log.printed, log.printed.length)
        ? [`the log of ${id} holds lines twice, or leaves some out`]
        : []),
    ]
  })

const isCount = (lines: readonly string[], count: number): boolean =>
  lines.length === count && lines.every((line, at) => line === `line ${at + 1}`)

/**
 * What the node saw: no execution began more often than its journal intended, and one that succeeded ran. What only reads
 * may be sent again when nobody heard of it; then a second intent is there.
 */
const ranOnce: Rule = ({ executions }, { marks }) => {
  const counts = new Map<string, number>()
  for (const id of marks) counts.set(id, (counts.get(id) ?? 0) + 1)
  return [
    ...[...counts]
      .filter(([id, count]) => count > Math.max(1, intentsOf(executions, id)))
      .map(([id, count]) => `${id} ran ${count} times: ${stepsOf(executions, id)}`),
    ...executions
      .filter(({ id, agentId, state }) => state === 'succeeded' && leavesMarks(agentId) && !counts.has(id))
      .map(({ id }) => `${id} succeeded without having run`),
    ...[...counts.keys()]
      .filter((id) => !executions.some((execution) => execution.id === id))
      .map((id) => `the node ran ${id}, of which nothing is known`),
  ]
}

const intentsOf = (executions: readonly FoundExecution[], id: string): number =>
  executions.find((one) => one.id === id)?.journal.filter(({ step }) => step === 'launch.intent').length ?? 0

function stepsOf(executions: readonly FoundExecution[], id: string): string {
  const found = executions.find((execution) => execution.id === id)
  return found
    ? `${found.agentId}, ${found.state}${found.problem ? ` (${found.problem})` : ''}, after ${found.journal.map(({ step }) => step).join(', ')}`
    : 'nothing is known of it'
}

const leavesMarks = (agentId: string): boolean => agentId === 'marks' || agentId === 'strikes'

/** What somebody was told that it is kept is there. */
const acknowledgedIsKept: Rule = ({ executions, schedules, tag }, known) => {
  const there = new Map(executions.map((execution) => [execution.id, execution]))
  return [
    ...[...known.runs.keys()]
      .filter((id) => !there.has(id))
      .map((id) => `the start of ${id} was acknowledged`),
    ...known.cancels
      .filter((id) => there.get(id)?.cancelRequestedBy === null)
      .map((id) => `the cancel of ${id} was acknowledged`),
    ...known.schedules
      .filter((id) => !schedules.some((schedule) => schedule.id === id))
      .map((id) => `the schedule ${id} was acknowledged`),
    ...(mayBeLast(tag, known.changes)
      ? []
      : [`change ${lastKept(known.changes)} of a node was acknowledged, and it is at ${tag}`]),
  ]
}

/**
 * Whether a node may be left as this change made it: no other one that was acknowledged was asked for after it was over.
 * Of several under way at a time, any may be the last.
 */
function mayBeLast(tag: number, changes: readonly KnownChange[]): boolean {
  const last = changes.find(({ number }) => number === tag)
  if (!last) return tag === 0 && lastKept(changes) === 0
  const { overAt } = last
  return overAt === null || !changes.some((one) => one.isAcknowledged && one.askedAt > overAt)
}

const lastKept = (changes: readonly KnownChange[]): number =>
  Math.max(0, ...changes.filter(({ isAcknowledged }) => isAcknowledged).map(({ number }) => number))

/** Every time of a schedule has one row, and started what that row says, once. */
const firingsAreUnique: Rule = ({ executions, schedules, occurrences }) => {
  const perSchedule = Map.groupBy(occurrences, ({ scheduleId }) => scheduleId)
  const batches = Map.groupBy(executions, ({ batchId }) => batchId)
  return [
    ...occurrences
      .filter(({ state }) => state === 'ran' || state === 'late')
      .filter(({ batchId }) => batchId === null || batches.get(batchId)?.length !== 1)
      .map(({ scheduleId, at }) => `${scheduleId} at ${at} did not start exactly one execution`),
    ...executions
      .filter(({ startedBy }) => startedBy.startsWith('schedule:'))
      .filter(({ batchId }) => !occurrences.some((one) => one.batchId === batchId))
      .map(({ id }) => `${id} was started by a schedule that does not know of it`),
    ...schedules.flatMap(({ id, everyMs, fromMs, nextAt }) => {
      if (everyMs === null || nextAt === null) return []
      // A clock that was set back may bring times from before it was made.
      const rows = (perSchedule.get(id) ?? []).filter(({ at }) => Date.parse(at) >= fromMs)
      const settled = rows.reduce((sum, { count }) => sum + count, 0)
      const expected = Math.max(0, Math.round((Date.parse(nextAt) - fromMs) / everyMs))
      return settled === expected
        ? []
        : [`${id} has ${settled} of the ${expected} times that lie before its next one`]
    }),
  ]
}

/** The sums that limits are held against are the sums of the ledger, and the ledger has every call that was made. */
const moneyAddsUp: Rule = ({ calls, spend }, { callsMade }) => {
  const sums = new Map<string, number>()
  for (const { day, agentId, charged } of calls) {
    const key = `${day} ${agentId ?? ''}`
    sums.set(key, (sums.get(key) ?? 0) + charged)
  }
  const wrong = [...new Set([...sums.keys(), ...spend.keys()])].filter(
    (key) => (sums.get(key) ?? 0) !== (spend.get(key) ?? 0),
  )
  return [
    ...wrong.map((key) => `the sum of ${key} is ${spend.get(key) ?? 0} instead of ${sums.get(key) ?? 0}`),
    ...(calls.length < callsMade ? [`${callsMade} calls were made, and ${calls.length} are booked`] : []),
    ...(calls.some(({ state }) => state === 'reserved') ? ['a call is neither settled nor unknown'] : []),
  ]
}

/** What stands of itself: SQLite's own check, the audit trail, and what still runs on nodes. */
const restIsSound: Rule = ({ damage, audit, left, executions }) => [
  ...(damage === null ? [] : [`the database is damaged: ${damage}`]),
  ...(audit === null ? [] : [`the audit trail is not sound: ${audit}`]),
  ...left.map(({ id, what }) => `left on a node: ${what} of ${id}: ${stepsOf(executions, id)}`),
]

export const rules: readonly Rule[] = [
  restIsSound,
  allEnded,
  journalAgrees,
  reportsAreThere,
  logsAreWhole,
  ranOnce,
  acknowledgedIsKept,
  firingsAreUnique,
  moneyAddsUp,
]

/** Everything that is lost, in words; nothing when nothing is. */
export const lostOf = (found: Found, known: Known): string[] => rules.flatMap((rule) => rule(found, known))
