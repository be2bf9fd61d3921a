import type { Report } from '../contract/reports.ts'
import { decideToAsk } from '../server/ai/gate/gate.ts'
import { mayReuse } from '../server/ai/reuse/may-reuse.ts'
import { type Snapshot, toSnapshot } from '../server/ai/reuse/snapshot.ts'
import { findChanges } from '../server/reports/changes.ts'
import { anHourLater, knownFaults, newWorld, randomFrom, toReport, type World } from './worlds.ts'

interface Node {
  world: World
  /** As it is again when its fault is over. */
  well: World
  faultyHours: number
  report: Report | null
  history: Snapshot[]
  answered: { at: number; snapshot: Snapshot }[]
}

const hoursOfMonth = 30 * 24
/** Faults that begin on a node in a day: what homelabs were simulated with when the gate was designed. */
const faultsADay = 0.15
const runsRemembered = 14

/**
 * A month of hourly runs on nodes where faults come and go, through the real gate and the real reuse. Says how many runs
 * there were, how many asked a model, and how many of those where nothing had happened.
 */
export function simulateMonth({ nodes: count, seed }: { readonly nodes: number; readonly seed: number }) {
  const random = randomFrom(seed)
  const nodes = Array.from({ length: count }, (): Node => {
    const world = newWorld(random)
    return { world, well: world, faultyHours: 0, report: null, history: [], answered: [] }
  })
  const tally = { runs: 0, calls: 0, quietRuns: 0, callsOfQuietRuns: 0 }
  for (let hour = 0; hour < hoursOfMonth; hour++) {
    for (const node of nodes) {
      const isQuiet = !live(node, random)
      const asks = look(node, hour)
      tally.runs++
      tally.calls += asks ? 1 : 0
      tally.quietRuns += isQuiet ? 1 : 0
      tally.callsOfQuietRuns += isQuiet && asks ? 1 : 0
    }
  }
  return tally
}

/** An hour passes; says whether anything began or ended in it. */
function live(node: Node, random: () => number): boolean {
  node.well = anHourLater(node.well, random)
  node.world = anHourLater(node.world, random)
  if (node.faultyHours > 0) {
    node.faultyHours--
    if (node.faultyHours > 0) return false
    node.world = node.well
    return true
  }
  if (random() >= faultsADay / 24) return false
  const faults = Object.values(knownFaults)
  const fault = faults[Math.floor(random() * faults.length)]
  if (fault) node.world = fault(node.world, random)
  node.faultyHours = 2 + Math.floor(random() * 24)
  return true
}

/** One run, as the server goes through it after the rules. */
function look(node: Node, hour: number): boolean {
  const before = node.report
  const known = new Set(before?.findings.map(({ key }) => key))
  const bare = toReport(node.world)
  const findings = bare.findings.map((finding) => ({
    ...finding,
    state: before === null || known.has(finding.key) ? ('known' as const) : ('new' as const),
  }))
  const report: Report = { ...bare, findings }
  const changes = before ? findChanges(before, report) : []
  const now = toSnapshot(report)
  const templates = new Set(node.history.flatMap((one) => one.templates))
  const verdict = decideToAsk({
    isOff: false,
    isAskedFor: false,
    novelty: {
      findings,
      executionId: report.executionId,
      changes,
      hasNewLogTemplate: node.history.length > 0 && now.templates.some((one) => !templates.has(one)),
    },
  })
  const [last] = node.answered.filter(({ at }) => hour - at < 24)
  const isReused =
    last !== undefined &&
    mayReuse({ now, candidate: last.snapshot, history: node.history, threshold: 0.95 }).kind !== 'no'
  const asks = verdict.asks && !isReused
  if (asks) node.answered.unshift({ at: hour, snapshot: now })
  node.history = [now, ...node.history].slice(0, runsRemembered)
  node.report = report
  return asks
}
