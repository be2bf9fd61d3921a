import type { Report } from '../../contract/reports.ts'
import { decideToAsk } from '../../server/ai/gate/gate.ts'
import { toSent } from '../../server/ai/redact/sent.ts'
import { mayReuse } from '../../server/ai/reuse/may-reuse.ts'
import { toSnapshot } from '../../server/ai/reuse/snapshot.ts'
import { simulateMonth } from '../../testbed/month.ts'
import { newWorld, randomFrom, toReport } from '../../testbed/worlds.ts'
import { median, quantile } from '../measure.ts'
import { type Figure, judge, ms } from '../report.ts'
import type { Bench } from '../stage.ts'

/** What stands between a run and a model: whether it is asked, whether old words do, and what is taken out. */
export async function explanations(bench: Bench): Promise<Figure> {
  const report = reportOf(1_000_000)
  const now = toSnapshot(report)
  const history = Array.from({ length: 14 }, () => now)
  const took: number[] = []
  for (let round = 0; round < (bench.isQuick ? 5 : 40); round++) {
    await bench.quiet.wait()
    const begun = performance.now()
    decideToAsk({
      isOff: false,
      isAskedFor: false,
      novelty: {
        findings: report.findings,
        executionId: report.executionId,
        changes: [],
        hasNewLogTemplate: false,
      },
    })
    mayReuse({ now: toSnapshot(report), candidate: now, history, threshold: 0.95 })
    toSent(report)
    took.push(performance.now() - begun)
  }
  const all = took.slice(2)
  bench.say('A month of ten nodes, every hour…')
  const month = simulateMonth({ nodes: 10, seed: 2_026 })
  const plain = { beside: '', comes: '' }
  return {
    title: 'Between a run and a model',
    rows: [
      {
        what: 'Gate, reuse and redaction of a report of 1 MB',
        carl: `p50 ${ms(median(all))}, p95 ${ms(quantile(all, 0.95))}`,
        ...plain,
        ...judge(quantile(all, 0.95), { atMost: 50, unit: 'ms at p95' }),
      },
      {
        what: 'Calls for runs where nothing happened',
        carl: `${month.callsOfQuietRuns} of ${month.quietRuns.toLocaleString('en')}`,
        ...plain,
        ...judge(month.callsOfQuietRuns, { atMost: 0, unit: 'calls' }),
      },
      {
        what: 'Calls of a month, ten nodes, every hour',
        carl: `${month.calls} of ${month.runs.toLocaleString('en')} runs`,
        ...plain,
        ...judge(month.calls, { atMost: 150, unit: 'calls' }),
      },
    ],
    notes: ['The month is simulated: 0.15 faults a day and node, through the real gate and the real reuse.'],
  }
}

/** A report of so many bytes, most of them logs and services, as on a large machine. */
function reportOf(bytes: number): Report {
  const report = toReport(newWorld(randomFrom(7)))
  const [first] = report.findings
  if (!first) throw new Error('the machine has no finding')
  const line = (at: number) =>
    `Nov 23 03:00:${at % 60} nas worker[${at}]: connection from 192.0.2.${at % 250} closed`
  const units = Array.from({ length: bytes / 180 }, (_, at) => ({
    unit: `unit-${at}.service`,
    state: 'running',
    restarts: at % 3,
  }))
  const tail = Array.from({ length: bytes / 160 }, (_, at) => line(at))
  return {
    ...report,
    facts: { ...report.facts, services: { units } },
    findings: [{ ...first, evidence: { ...first.evidence, tail } }, ...report.findings.slice(1)],
  }
}
