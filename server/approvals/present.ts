import type { Plan } from '../../contract/plans.ts'
import type { StoredAction, StoredApproval, StoredPlan } from '../plans/plans.ts'
import { shownState } from './decide.ts'

/** A plan with its parts, as everybody may see it. */
export function presentPlan(
  plan: StoredPlan,
  parts: {
    readonly agentTitle: string
    readonly closed: string | null
    readonly isExpired: boolean
    readonly actions: readonly StoredAction[]
    readonly approvals: readonly StoredApproval[]
  },
): Plan {
  const { supersededBy: _, hostKey: __, ...shown } = plan
  const actions = parts.actions.map(
    ({ planId: _plan, readAt: _readAt, decidedBy: _by, decidedAt: _at, ...action }) => ({
      ...action,
      state: shownState(action.state, parts.isExpired),
    }),
  )
  const waiting = actions.filter(({ state }) => state === 'waiting')
  return {
    ...shown,
    agentTitle: parts.agentTitle,
    closed: parts.closed,
    actions,
    approvals: parts.approvals.map(presentApproval),
    bytesMin: sum(waiting.map(({ bytesMin }) => bytesMin)),
    bytesMax: sum(waiting.map(({ bytesMax }) => bytesMax)),
  }
}

function presentApproval(approval: StoredApproval): Plan['approvals'][number] {
  const { id, kind, sha256, approvedBy, approvedAt, secondBy, state, dryRun } = approval
  const { expiresAt, executionId, bytesFreed } = approval
  return {
    id,
    kind,
    sha256,
    approvedBy,
    approvedAt,
    secondBy,
    state,
    dryRun,
    expiresAt,
    executionId,
    bytesFreed,
  }
}

const sum = (numbers: readonly (number | null)[]): number =>
  numbers.reduce<number>((total, number) => total + (number ?? 0), 0)
