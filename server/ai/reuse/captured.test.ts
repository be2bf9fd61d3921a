import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import type { Report } from '../../../contract/reports.ts'
import { sampleReport } from '../../../testbed/sample-report.ts'
import { toSent } from '../redact/sent.ts'
import { mayReuse } from './may-reuse.ts'
import { type Snapshot, toSnapshot } from './snapshot.ts'

/** Reports of a real node, as `testbed/capture-reports.ts` took them down. */
interface Captured {
  readonly what: string
  /** Null where nothing happened; else whether rules know what did. */
  readonly isKnown: boolean | null
  readonly report: Pick<Report, 'schema' | 'findings' | 'facts' | 'gaps'>
}
const file = resolve(import.meta.dirname, '../../../testbed/captured-reports.jsonl')
const captured = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Captured)

const reportOf = ({ report }: Captured): Report => ({
  ...sampleReport,
  ...report,
  executionId: report.findings[0]?.executionId ?? sampleReport.executionId,
})
const snapshotOf = (one: Captured): Snapshot => toSnapshot(reportOf(one))
const quiet = captured.filter(({ isKnown }) => isKnown === null).map(snapshotOf)
/** Runs that a node has behind it before words are used again. */
const leastHistory = 5

const isReused = (now: Snapshot, before: readonly Snapshot[]): boolean => {
  const history = before.toReversed()
  const [candidate] = history
  if (!candidate) throw new Error('there is no run before')
  return mayReuse({ now, candidate, history, threshold: 0.95 }).kind !== 'no'
}

test('on reports of a real node, words are used again when nothing happened and never after a real fault', () => {
  const lengths = Array.from({ length: quiet.length - leastHistory }, (_, more) => leastHistory + more)
  const histories = [...lengths, quiet.length].map((length) => quiet.slice(0, length))
  const afterFaults = (isKnown: boolean) =>
    captured
      .filter((one) => one.isKnown === isKnown)
      .flatMap((one) =>
        histories.map((history) => ({ what: one.what, isWrong: isReused(snapshotOf(one), history) })),
      )
  const [known, unknown] = [afterFaults(true), afterFaults(false)]
  const benign = lengths.map((length) => {
    const now = quiet[length]
    if (!now) throw new Error('there is no such run')
    return { what: 'nothing', isWrong: !isReused(now, quiet.slice(0, length)) }
  })
  const wrong = (all: readonly { isWrong: boolean }[]) => all.filter(({ isWrong }) => isWrong).length
  process.stdout.write(
    `reuse on captured reports: false on known faults ${wrong(known)} of ${known.length}, ` +
      `false on unknown changes ${wrong(unknown)} of ${unknown.length}, missed ${wrong(benign)} of ${benign.length}\n`,
  )
  expect(known.length).toBeGreaterThan(50)
  expect(known.filter(({ isWrong }) => isWrong)).toEqual([])
  expect(wrong(unknown)).toBeLessThanOrEqual(0.1 * unknown.length)
  expect(wrong(benign)).toBeLessThanOrEqual(0.2 * benign.length)
})

test('of a real report its facts go to a model, and neither the name of the node nor an address', () => {
  const [first] = captured
  if (!first) throw new Error('nothing was captured')
  const { untrusted, items } = toSent({ ...reportOf(first), nodeName: 'captured' })
  const facts = [...items.values()].filter(({ kind }) => kind === 'fact')
  const sections = new Set(facts.map(({ ref }) => ref.split('.')[0]))
  for (const section of ['host', 'disks', 'load', 'network', 'ports', 'updates']) {
    expect(sections).toContain(section)
  }
  expect(JSON.stringify(untrusted)).not.toMatch(/captured|192\.0\.2\./)
})
