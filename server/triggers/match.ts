import type { NodeId } from '../../contract/ids.ts'
import { isGlobMatch, resolveTargets, type TargetNode } from '../../contract/target-terms.ts'
import type { FiringCause, NearMiss, TriggerWhen } from '../../contract/triggers.ts'
import type { Occasion, RunEnded } from '../occasions/occasions.ts'
import { rankOf } from '../reports/rank.ts'
import type { StoredTrigger } from './store.ts'

/**
 * Whether an occasion is what a trigger waits for. `other`: it is of another kind, and says nothing about this trigger.
 * `miss`: of the right kind, and left out by one of its fields.
 */
export type Match =
  | { readonly kind: 'other' }
  | { readonly kind: 'miss'; readonly field: NearMiss['field']; readonly cause: FiringCause }
  | { readonly kind: 'match'; readonly cause: FiringCause }

const other: Match = { kind: 'other' }

/** Holds what happened against what a trigger waits for. `all` are the nodes as they are named and tagged now. */
export function matchOf(
  { id, when }: Pick<StoredTrigger, 'id'> & { readonly when: TriggerWhen },
  occasion: Occasion,
  all: readonly TargetNode[],
): Match {
  switch (when.kind) {
    case 'finding':
      return occasion.kind === 'run' ? matchFindings(when, occasion, all) : other
    case 'execution':
      return occasion.kind === 'run' ? matchEnd(when, occasion, all) : other
    case 'disk':
      return occasion.kind === 'run' ? matchDisks(when, occasion, all) : other
    case 'node-back': {
      if (occasion.kind !== 'node-back') return other
      const cause = causeOf('node-back', occasion, null)
      return isAmong(when.nodes, occasion.nodeId, all)
        ? { kind: 'match', cause }
        : { kind: 'miss', field: 'nodes', cause }
    }
    case 'cost': {
      if (occasion.kind !== 'cost' || occasion.limit !== when.limit) return other
      const whose = occasion.agentId ?? occasion.limit
      const cause = causeOf('cost', null, `${whose}: ${occasion.percent} %`)
      // A leap over a share counts as reaching it, and what was reached before does not count again.
      if (occasion.percent < when.percent) return { kind: 'miss', field: 'percent', cause }
      return occasion.before < when.percent ? { kind: 'match', cause } : other
    }
    case 'webhook':
      return occasion.kind === 'webhook' && occasion.triggerId === id
        ? { kind: 'match', cause: causeOf('webhook', null, null) }
        : other
  }
}

type When<Kind extends TriggerWhen['kind']> = Extract<TriggerWhen, { kind: Kind }>

/** The finding that comes closest tells why none fits. */
function matchFindings(when: When<'finding'>, run: RunEnded, all: readonly TargetNode[]): Match {
  const [first] = run.findings
  if (!first) return other
  const cause = (title: string) => causeOf('finding', run, title)
  const where = placeMiss(when, run, all)
  if (where) return { kind: 'miss', field: where, cause: cause(first.title) }
  let closest: { field: NearMiss['field']; title: string; passed: number } | null = null
  for (const finding of run.findings) {
    const checks: [NearMiss['field'], boolean][] = [
      ['rules', isAny(when.rules, [finding.rule, finding.key])],
      ['states', when.states.includes(finding.state)],
      ['least', rankOf(finding.severity) <= rankOf(when.least)],
    ]
    const passed = checks.findIndex(([, isPassed]) => !isPassed)
    const failed = checks[passed]
    if (!failed) return { kind: 'match', cause: cause(finding.title) }
    if (!closest || passed > closest.passed) closest = { field: failed[0], title: finding.title, passed }
  }
  return closest ? { kind: 'miss', field: closest.field, cause: cause(closest.title) } : other
}

function matchEnd(when: When<'execution'>, run: RunEnded, all: readonly TargetNode[]): Match {
  const cause = causeOf('execution', run, `${run.agentId}: ${run.outcome}`)
  const where = placeMiss(when, run, all)
  if (where) return { kind: 'miss', field: where, cause }
  return when.outcomes.includes(run.outcome)
    ? { kind: 'match', cause }
    : { kind: 'miss', field: 'outcomes', cause }
}

/** Only the look at which the line is crossed counts, so that a full disk is told of once. */
function matchDisks(when: When<'disk'>, run: RunEnded, all: readonly TargetNode[]): Match {
  const grown = run.disks.filter(
    ({ percent, before }) => percent >= when.percent && (before === null || before < when.percent),
  )
  const [first] = grown
  if (!first) return other
  const cause = ({ mount, percent }: (typeof grown)[number]) =>
    causeOf('disk', run, `${mount}: ${Math.round(percent)} %`)
  if (!isAmong(when.nodes, run.nodeId, all)) return { kind: 'miss', field: 'nodes', cause: cause(first) }
  const found = grown.find(({ mount }) => isAny(when.mounts, [mount]))
  return found
    ? { kind: 'match', cause: cause(found) }
    : { kind: 'miss', field: 'mounts', cause: cause(first) }
}

function placeMiss(
  when: { readonly agents: readonly string[]; readonly nodes: readonly string[] },
  run: RunEnded,
  all: readonly TargetNode[],
): 'agents' | 'nodes' | null {
  if (when.agents.length > 0 && !when.agents.includes(run.agentId)) return 'agents'
  return isAmong(when.nodes, run.nodeId, all) ? null : 'nodes'
}

const isAny = (globs: readonly string[], texts: readonly string[]): boolean =>
  globs.length === 0 || globs.some((glob) => texts.some((text) => isGlobMatch(glob, text)))

function isAmong(terms: readonly string[], id: NodeId, all: readonly TargetNode[]): boolean {
  return terms.length === 0 || resolveTargets(terms, all).nodes.some((node) => node.id === id)
}

const causeOf = (
  kind: FiringCause['kind'],
  of: { nodeId: NodeId; nodeName: string; executionId?: FiringCause['executionId'] } | null,
  title: string | null,
): FiringCause => ({
  kind,
  title,
  nodeId: of?.nodeId ?? null,
  nodeName: of?.nodeName ?? null,
  executionId: of?.executionId ?? null,
})
