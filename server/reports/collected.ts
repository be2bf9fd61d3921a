import type { AgentFinding, AgentMessage, Gap } from '../../contract/agent-protocol.ts'
import type { Metric } from '../../contract/reports.ts'
import { toShallow } from './shallow.ts'
import { toOneLine } from '../lib/printable.ts'
import { rankOf } from './rank.ts'

type Result = Extract<AgentMessage, { kind: 'result' }>

/** What one run said that matters for its report. */
export interface Collected {
  /** Each key once: the most severe where an agent repeats itself. */
  readonly findings: readonly AgentFinding[]
  /** What could not be seen, as the agent says, and the sections that failed. */
  readonly gaps: readonly Gap[]
  /** Each name with its labels once, the last value. */
  readonly metrics: readonly Metric[]
  /** Samples the agent wants back next time, each key once. */
  readonly history: readonly { readonly key: string; readonly value: unknown }[]
  /** Name and version of the shape of `facts`; empty if the agent sent none. */
  readonly schema: string
  readonly facts: Record<string, unknown>
  /** `error` as long as no result has come. */
  readonly status: Result['status']
  /** The parts the agent went through, and how each ended. */
  readonly sections: ReadonlyMap<string, 'ok' | 'error'>
}

/** Most that is kept of a kind: the limits of the agents' kit, held here too because a node may not keep to them. */
const most = { findings: 500, metrics: 5_000, history: 500, sections: 2_000 } as const
/** JSON characters of one sample; larger ones could not be handed back anyway. */
const sampleMax = 65_536
/** JSON characters of the evidence of one finding. */
const evidenceMax = 16_384

/** Gathers the messages of a run, in the order they come. */
export function createCollector() {
  const findings = new Map<string, AgentFinding>()
  const metrics = new Map<string, Metric>()
  const history = new Map<string, unknown>()
  const sections = new Map<string, 'ok' | 'error'>()
  let facts: Record<string, unknown> = {}
  let schema = ''
  let result: Result | null = null

  function add(message: AgentMessage): void {
    switch (message.kind) {
      case 'finding': {
        const finding = cleaned(message.finding)
        const before = findings.get(finding.key)
        if (before ? rankOf(finding.severity) < rankOf(before.severity) : findings.size < most.findings)
          findings.set(finding.key, finding)
        break
      }
      case 'metric': {
        const { name, value, unit, labels } = message
        keep(metrics, `${name}\n${canonicalLabels(labels)}`, { name, value, unit, labels }, most.metrics)
        break
      }
      case 'history': {
        const value = toShallow(message.value)
        if (JSON.stringify(value).length <= sampleMax)
          keep(history, message.key.toWellFormed(), value, most.history)
        break
      }
      case 'progress':
        if (message.state !== 'start') keep(sections, message.step, message.state, most.sections)
        break
      case 'data':
        schema = message.schema
        facts = toShallow(message.data)
        break
      case 'result':
        result = message
        break
      case 'log':
      case 'exec':
      case 'cmd':
      case 'denied':
      case 'artifact':
      case 'action':
      case 'action_result':
      case 'measured':
        break
      default:
        message satisfies never
    }
  }

  function collected(): Collected {
    const told = result?.gaps ?? []
    const failed = [...sections].filter(
      ([name, state]) => state === 'error' && !told.some((gap) => gap.what === name),
    )
    return {
      findings: [...findings.values()],
      gaps: [...told, ...failed.map(([name]) => ({ what: name, why: 'this part failed', remedy: null }))],
      metrics: [...metrics.values()],
      history: [...history].map(([key, value]) => ({ key, value })),
      schema,
      facts,
      status: result?.status ?? 'error',
      sections: new Map(sections),
    }
  }

  return { add, collected }
}

/** What the messages of a whole run come to. */
export function collect(messages: Iterable<AgentMessage>): Collected {
  const collector = createCollector()
  for (const message of messages) collector.add(message)
  return collector.collected()
}

/** Labels as one text, the same whatever order they came in. */
export function canonicalLabels(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))))
}

function keep<Value>(into: Map<string, Value>, key: string, value: Value, limit: number): void {
  if (into.has(key) || into.size < limit) into.set(key, value)
}

/** The key is what a finding is recognised by, so it must come back from the database exactly as it went in. */
function cleaned(finding: AgentFinding): AgentFinding {
  const evidence = toShallow(finding.evidence)
  const isTooLong = JSON.stringify(evidence).length > evidenceMax
  return {
    ...finding,
    id: toOneLine(finding.id),
    key: toOneLine(finding.key),
    subject: toOneLine(finding.subject),
    title: toOneLine(finding.title),
    fix: finding.fix === null ? null : toOneLine(finding.fix, 1_000),
    evidence: isTooLong ? { left_out: 'the evidence was longer than 16 KiB' } : evidence,
  }
}
