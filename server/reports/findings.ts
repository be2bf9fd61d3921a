import type { AgentFinding } from '../../contract/agent-protocol.ts'
import type { AgentId, ExecutionId, NodeId } from '../../contract/ids.ts'
import type { Finding } from '../../contract/reports.ts'
import type { Collected } from './collected.ts'
import { compareEvidence } from './evidence.ts'
import { rankOf } from './rank.ts'
import { sawWhole } from './sections.ts'

/** A finding with the number of runs in a row that looked for it and did not see it. */
export interface KeptFinding extends Finding {
  readonly absentRuns: number
}

interface Run {
  readonly executionId: ExecutionId
  readonly nodeId: NodeId
  readonly agentId: AgentId
  readonly at: string
  readonly collected: Pick<Collected, 'findings' | 'gaps' | 'sections' | 'status'>
}

/** One run without it may be chance (a probe that came at a good moment); two are a repair. */
const absencesThatResolve = 2

/**
 * Carries findings from run to run:
 *
 * seen, and not open before → `new` (also after it was resolved: a new life with a new beginning)
 * seen again → `worse` or `better` if its severity or its evidence moved clearly, else `known`
 * not seen where the run looked → `better`; not seen twice in a row → `resolved`
 * not seen where the run could not look → `known`, untouched
 *
 * An acknowledgement lasts until the finding grows worse or is resolved. Of the findings kept, resolved ones come back
 * only if they are seen again.
 */
export function settleFindings(kept: readonly KeptFinding[], run: Run): KeptFinding[] {
  const before = new Map(kept.map((finding) => [finding.key, finding]))
  const seen = run.collected.findings.map((now) => {
    const known = before.get(now.key)
    return known && known.resolvedAt === null ? seenAgain(known, now, run) : opened(now, run)
  })
  const seenKeys = new Set(seen.map((finding) => finding.key))
  const missing = kept.filter((finding) => finding.resolvedAt === null && !seenKeys.has(finding.key))
  return [...seen, ...missing.map((finding) => notSeen(finding, run))]
}

function opened(now: AgentFinding, run: Run): KeptFinding {
  return {
    ...described(now, run),
    state: 'new',
    firstSeenAt: run.at,
    acknowledgedAt: null,
    acknowledgedBy: null,
  }
}

function seenAgain(known: KeptFinding, now: AgentFinding, run: Run): KeptFinding {
  const state = compare(known, now)
  const { acknowledgedAt, acknowledgedBy, firstSeenAt } = known
  const acknowledgement =
    state === 'worse' ? { acknowledgedAt: null, acknowledgedBy: null } : { acknowledgedAt, acknowledgedBy }
  return { ...described(now, run), state, firstSeenAt, ...acknowledgement }
}

function notSeen(known: KeptFinding, run: Run): KeptFinding {
  if (!sawWhole(known, run.collected)) return { ...known, state: 'known' }
  const absentRuns = known.absentRuns + 1
  if (absentRuns < absencesThatResolve) return { ...known, absentRuns, state: 'better' }
  return { ...known, absentRuns, state: 'resolved', resolvedAt: run.at }
}

function compare(known: KeptFinding, now: AgentFinding): 'known' | 'worse' | 'better' {
  const rise = rankOf(known.severity) - rankOf(now.severity)
  if (rise !== 0) return rise > 0 ? 'worse' : 'better'
  const moved = compareEvidence(now.id, known.evidence, now.evidence)
  return moved === 'same' ? 'known' : moved
}

function described({ id, key, severity, subject, title, evidence, fix, confidence }: AgentFinding, run: Run) {
  const { nodeId, agentId, executionId, at } = run
  return {
    key,
    rule: id,
    severity,
    subject,
    title,
    evidence,
    fix,
    confidence,
    nodeId,
    agentId,
    executionId,
    lastSeenAt: at,
    resolvedAt: null,
    absentRuns: 0,
  }
}
