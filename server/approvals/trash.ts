import type { NodeId, TrashId } from '../../contract/ids.ts'
import type { PageQuery } from '../../contract/page.ts'
import type { Trashed } from '../../contract/plans.ts'
import type { Catalogue } from '../agents/catalogue.ts'
import type { Audit } from '../audit/audit.ts'
import type { Executions } from '../executions/executions.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { Plans, StoredTrash } from '../plans/plans.ts'
import type { Settings } from '../settings/settings.ts'
import { boundOf } from './approvals.ts'

/** An approval that was not used by then is worth nothing. */
const approvalHours = 1

interface TrashTools {
  readonly plans: Plans
  readonly executions: Executions
  readonly nodes: Nodes
  readonly catalogue: Catalogue
  readonly settings: Settings
  readonly audit: Audit
  readonly events: EventBus
  readonly clock: Clock
  readonly newId: NewId
}

/**
 * What was set aside on nodes. Bringing something back is an approved change like any other: bound, single-use, made by
 * an execution of the agent that set it aside.
 */
export function createTrash(tools: TrashTools) {
  const { plans, executions, nodes, catalogue, settings, audit, events, clock, newId } = tools

  async function list(query: PageQuery & { kept: boolean; nodeId?: NodeId | undefined }) {
    const { cursor, limit, kept, nodeId } = query
    const rows = await plans.trashPage({ before: cursor ?? null, limit: limit + 1, onlyKept: kept, nodeId })
    const items = rows.slice(0, limit).map(present)
    const bytes = await plans.trashBytes(nodeId)
    const maxBytesPerNode = Math.round(settings.get().trashMaxGib * 1_073_741_824)
    return {
      items,
      bytes,
      maxBytesPerNode,
      nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null,
    }
  }

  /** Throws `trash.not_found`, and `trash.gone` when it is back, on its way, or gone for good. */
  async function restore(id: TrashId, actor: Actor): Promise<Trashed> {
    const entry = await plans.trash(id)
    if (!entry) throw fail('trash.not_found')
    const { nodeId, agentId } = entry
    const { payload } = catalogue.get(agentId)
    const { hostKeys } = await nodes.get(nodeId)
    // Newest last; a node may hold several keys, and the one that answers is compared again before anything travels.
    const hostKey = hostKeys.toSorted((a, b) => (a.seenAt < b.seenAt ? -1 : 1)).at(-1)?.fingerprint ?? ''
    const approvalId = newId('apr')
    const now = clock.now()
    const expiresAt = new Date(now.getTime() + approvalHours * 3_600_000).toISOString()
    const binding = { nodeId, agentId, hostKey, bundleSha256: payload.sha256 }
    const action = { aid: entry.aid, order: entry.order, readAt: now.getTime() / 1_000, confirmedName: null }
    const bound = boundOf({ ...binding, approvalId, dryRun: false, expiresAt }, [action])
    const wish = { agentId, nodeId, approvalId, dryRun: false, as: entry.executionId }
    await executions.startApply(wish, actor, async (tx, executionId) => {
      if (!(await plans.moveTrash(tx, id, ['kept'], 'restoring'))) throw fail('trash.gone')
      await plans.insertApproval(tx, {
        ...binding,
        id: approvalId,
        kind: 'undo',
        planId: null,
        trashId: id,
        body: bound.text,
        sha256: bound.sha256,
        approvedBy: actor.name,
        approvedAt: now.toISOString(),
        state: 'running',
        dryRun: false,
        expiresAt,
      })
      await plans.changeApproval(tx, approvalId, 'running', { execution_id: executionId })
      const detail = { approvalId, object: entry.object, sha256: bound.sha256, trashId: id }
      await audit.append(tx, { actor, action: 'trash.restore-asked', target: nodeId, detail })
    })
    events.emit('plans.changed', { nodeId })
    return present((await plans.trash(id)) ?? entry)
  }

  return { list, restore }
}
export type Trash = ReturnType<typeof createTrash>

const present = ({ order: _, aid: __, ...shown }: StoredTrash): Trashed => shown
