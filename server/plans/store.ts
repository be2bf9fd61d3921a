import type { Kysely, Selectable } from 'kysely'
import {
  type ActionOrder,
  isDestructive,
  nameToType,
  reversibilityOf,
  riskOf,
} from '../../contract/actions.ts'
import type {
  AgentId,
  ApprovalId,
  ExecutionId,
  NodeId,
  PlanId,
  RejectionId,
  TrashId,
} from '../../contract/ids.ts'
import type { Action, ActionOutcome, Approval, Trashed } from '../../contract/plans.ts'
import type { Database, Tx } from '../db/database.ts'
import { isReal } from '../db/sample-rows.ts'
import type { Tables } from '../db/tables.ts'

type Reader = Kysely<Tables> | Tx

/** A plan without its parts. */
export interface StoredPlan {
  readonly id: PlanId
  readonly executionId: ExecutionId
  readonly nodeId: NodeId
  readonly nodeName: string
  readonly agentId: AgentId
  readonly agentVersion: string
  readonly bundleSha256: string
  readonly hostKey: string
  readonly createdAt: string
  readonly expiresAt: string
  readonly supersededBy: ExecutionId | null
}

/** An action with what only the server needs. */
export interface StoredAction extends Omit<Action, 'state'> {
  readonly planId: PlanId
  readonly state: Tables['plan_action']['state']
  readonly readAt: number
  readonly decidedBy: string | null
  readonly decidedAt: string | null
}

export interface StoredApproval extends Approval {
  readonly planId: PlanId | null
  readonly trashId: TrashId | null
  readonly nodeId: NodeId
  readonly agentId: AgentId
  readonly bundleSha256: string
  readonly hostKey: string
  readonly body: string
}

export interface StoredTrash extends Trashed {
  /** What brings it back. */
  readonly order: ActionOrder
  readonly aid: string
}

/** What an approval is made of. */
export type NewApproval = Omit<StoredApproval, 'secondBy' | 'bytesFreed' | 'executionId'>

export function createPlanStore(db: Database) {
  const plans = (reader: Reader) =>
    reader
      .selectFrom('plan')
      .innerJoin('node', 'node.id', 'plan.node_id')
      .selectAll('plan')
      .select('node.name as node_name')

  async function insertPlan(tx: Tx, plan: Omit<StoredPlan, 'nodeName' | 'supersededBy'>): Promise<void> {
    await tx
      .insertInto('plan')
      .values({
        id: plan.id,
        execution_id: plan.executionId,
        node_id: plan.nodeId,
        agent_id: plan.agentId,
        agent_version: plan.agentVersion,
        bundle_sha256: plan.bundleSha256,
        host_key: plan.hostKey,
        created_at: plan.createdAt,
        expires_at: plan.expiresAt,
        superseded_by: null,
      })
      .execute()
  }

  async function insertAction(
    tx: Tx,
    action: Pick<
      StoredAction,
      | 'planId'
      | 'aid'
      | 'object'
      | 'order'
      | 'title'
      | 'why'
      | 'findingKey'
      | 'bytesMin'
      | 'bytesMax'
      | 'readAt'
    > & { position: number; nodeId: NodeId; rejectionId: RejectionId | null },
  ): Promise<void> {
    await tx
      .insertInto('plan_action')
      .values({
        plan_id: action.planId,
        aid: action.aid,
        position: action.position,
        node_id: action.nodeId,
        object: action.object,
        body: JSON.stringify(action.order),
        title: action.title,
        why: action.why,
        finding_key: action.findingKey,
        bytes_min: action.bytesMin,
        bytes_max: action.bytesMax,
        read_at: action.readAt,
        state: action.rejectionId === null ? 'waiting' : 'held',
        rejection_id: action.rejectionId,
        approval_id: null,
        decided_by: null,
        decided_at: null,
        outcome: null,
      })
      .execute()
  }

  /** What earlier plans of an agent for a node still wait for: it gives way to a newer look. */
  async function supersede(
    tx: Tx,
    { nodeId, agentId, by, at }: { nodeId: NodeId; agentId: AgentId; by: ExecutionId; at: string },
  ): Promise<void> {
    const open = tx
      .selectFrom('plan')
      .select('id')
      .where('node_id', '=', nodeId)
      .where('agent_id', '=', agentId)
      .where('execution_id', '!=', by)
      .where('superseded_by', 'is', null)
    await tx
      .updateTable('plan_action')
      .set({ state: 'superseded', decided_at: at })
      .where('plan_id', 'in', open)
      .where('state', 'in', ['waiting', 'second-person', 'held'])
      .execute()
    await tx
      .updateTable('approval')
      .set({ state: 'withdrawn' })
      .where('plan_id', 'in', open)
      .where('state', '=', 'second-person')
      .execute()
    await tx
      .updateTable('plan')
      .set({ superseded_by: by })
      .where('node_id', '=', nodeId)
      .where('agent_id', '=', agentId)
      .where('execution_id', '!=', by)
      .where('superseded_by', 'is', null)
      .execute()
  }

  async function plan(id: PlanId, reader: Reader = db.read): Promise<StoredPlan | undefined> {
    const row = await plans(reader).where('plan.id', '=', id).executeTakeFirst()
    return row && planFromRow(row)
  }

  async function planOfExecution(id: ExecutionId): Promise<StoredPlan | undefined> {
    const row = await plans(db.read).where('plan.execution_id', '=', id).executeTakeFirst()
    return row && planFromRow(row)
  }

  async function page(query: {
    before: string | null
    limit: number
    /** Only plans that can still be decided at this instant. */
    waitingAt: string | null
    nodeId?: NodeId | undefined
    agentId?: AgentId | undefined
  }): Promise<StoredPlan[]> {
    let rows = plans(db.read).orderBy('plan.id', 'desc').limit(query.limit)
    if (query.before !== null) rows = rows.where('plan.id', '<', query.before as PlanId)
    if (query.nodeId) rows = rows.where('plan.node_id', '=', query.nodeId)
    if (query.agentId) rows = rows.where('plan.agent_id', '=', query.agentId)
    if (query.waitingAt !== null) {
      rows = rows.where('plan.expires_at', '>', query.waitingAt).where('plan.id', 'in', waiting())
    }
    return (await rows.execute()).map(planFromRow)
  }

  const waiting = () =>
    db.read.selectFrom('plan_action').select('plan_id').where('state', 'in', ['waiting', 'second-person'])

  /** How many plans and actions wait at an instant; those of samples wait for nobody. */
  async function count(at: string): Promise<{ plans: number; actions: number }> {
    const row = await db.read
      .selectFrom('plan_action')
      .innerJoin('plan', 'plan.id', 'plan_action.plan_id')
      .where('plan_action.state', 'in', ['waiting', 'second-person'])
      .where('plan.expires_at', '>', at)
      .where(isReal('plan.id'))
      .select((select) => [
        select.fn.count<number>('plan.id').distinct().as('plans'),
        select.fn.countAll<number>().as('actions'),
      ])
      .executeTakeFirst()
    return { plans: row?.plans ?? 0, actions: row?.actions ?? 0 }
  }

  const withRejection = (reader: Reader) =>
    reader
      .selectFrom('plan_action')
      .leftJoin('rejection', 'rejection.id', 'plan_action.rejection_id')
      .selectAll('plan_action')
      .select(['rejection.by as no_by', 'rejection.why as no_why', 'rejection.at as no_at'])
      .select('rejection.until as no_until')

  async function actions(ids: readonly PlanId[], reader: Reader = db.read): Promise<StoredAction[]> {
    if (ids.length === 0) return []
    const rows = await withRejection(reader)
      .where('plan_action.plan_id', 'in', ids)
      .orderBy('plan_action.plan_id')
      .orderBy('plan_action.position')
      .execute()
    return rows.map(actionFromRow)
  }

  /** Every action about one object of a node, oldest first. */
  async function actionsOn(nodeId: NodeId, object: string) {
    const rows = await withRejection(db.read)
      .innerJoin('plan', 'plan.id', 'plan_action.plan_id')
      .select(['plan.created_at', 'plan.execution_id', 'plan.expires_at', 'plan.agent_id'])
      .where('plan_action.node_id', '=', nodeId)
      .where('plan_action.object', '=', object)
      .orderBy('plan_action.plan_id')
      .limit(500)
      .execute()
    return rows.map((row) => ({
      action: actionFromRow(row),
      createdAt: row.created_at,
      executionId: row.execution_id,
      expiresAt: row.expires_at,
      agentId: row.agent_id,
    }))
  }

  /** Moves actions on from where they are all expected to be; gives how many were there. */
  async function moveActions(
    tx: Tx,
    {
      planId,
      aids,
      from,
      to,
    }: {
      planId: PlanId
      aids: readonly string[]
      from: readonly StoredAction['state'][]
      to: {
        state: StoredAction['state']
        approval_id?: ApprovalId | null
        decided_by?: string | null
        decided_at?: string | null
        rejection_id?: RejectionId | null
      }
    },
  ): Promise<number> {
    const { numUpdatedRows } = await tx
      .updateTable('plan_action')
      .set(to)
      .where('plan_id', '=', planId)
      .where('aid', 'in', aids)
      .where('state', 'in', from)
      .executeTakeFirst()
    return Number(numUpdatedRows)
  }

  /** Keeps what became of an action; a real one is settled by it, a dry run only told of it. */
  async function keepOutcome(
    tx: Tx,
    {
      planId,
      aid,
      outcome,
      isSettled,
    }: { planId: PlanId; aid: string; outcome: ActionOutcome; isSettled: boolean },
  ): Promise<void> {
    await tx
      .updateTable('plan_action')
      .set({ outcome: JSON.stringify(outcome), ...(isSettled && { state: 'settled' as const }) })
      .where('plan_id', '=', planId)
      .where('aid', '=', aid)
      .execute()
  }

  async function insertApproval(tx: Tx, approval: NewApproval): Promise<void> {
    await tx
      .insertInto('approval')
      .values({
        id: approval.id,
        kind: approval.kind,
        plan_id: approval.planId,
        trash_id: approval.trashId,
        node_id: approval.nodeId,
        agent_id: approval.agentId,
        bundle_sha256: approval.bundleSha256,
        host_key: approval.hostKey,
        body: approval.body,
        sha256: approval.sha256,
        approved_by: approval.approvedBy,
        approved_at: approval.approvedAt,
        second_by: null,
        second_at: null,
        state: approval.state,
        dry_run: approval.dryRun ? 1 : 0,
        expires_at: approval.expiresAt,
        execution_id: null,
        bytes_freed: null,
      })
      .execute()
  }

  async function approval(id: ApprovalId, reader: Reader = db.read): Promise<StoredApproval | undefined> {
    const row = await reader.selectFrom('approval').selectAll().where('id', '=', id).executeTakeFirst()
    return row && approvalFromRow(row)
  }

  async function approvalsOf(ids: readonly PlanId[], reader: Reader = db.read): Promise<StoredApproval[]> {
    if (ids.length === 0) return []
    const rows = await reader
      .selectFrom('approval')
      .selectAll()
      .where('plan_id', 'in', ids)
      .orderBy('id')
      .execute()
    return rows.map(approvalFromRow)
  }

  /** Changes an approval that is where it is expected to be; false when it is not. */
  async function changeApproval(
    tx: Tx,
    id: ApprovalId,
    from: StoredApproval['state'],
    to: Partial<
      Pick<
        Selectable<Tables['approval']>,
        | 'state'
        | 'second_by'
        | 'second_at'
        | 'execution_id'
        | 'bytes_freed'
        | 'body'
        | 'sha256'
        | 'expires_at'
      >
    >,
  ): Promise<boolean> {
    const { numUpdatedRows } = await tx
      .updateTable('approval')
      .set(to)
      .where('id', '=', id)
      .where('state', '=', from)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  }

  async function insertTrash(tx: Tx, trash: Omit<StoredTrash, 'nodeName' | 'state'>): Promise<void> {
    await tx
      .insertInto('trash')
      .values({
        id: trash.id,
        node_id: trash.nodeId,
        agent_id: trash.agentId,
        execution_id: trash.executionId,
        aid: trash.aid,
        type: trash.type,
        object: trash.object,
        title: trash.title,
        body: JSON.stringify(trash.order),
        bytes: trash.bytes,
        removed_at: trash.removedAt,
        removed_by: trash.removedBy,
        until: trash.until,
        state: 'kept',
      })
      .execute()
  }

  const trashRows = (reader: Reader) =>
    reader
      .selectFrom('trash')
      .innerJoin('node', 'node.id', 'trash.node_id')
      .selectAll('trash')
      .select('node.name as node_name')

  async function trash(id: TrashId, reader: Reader = db.read): Promise<StoredTrash | undefined> {
    const row = await trashRows(reader).where('trash.id', '=', id).executeTakeFirst()
    return row && trashFromRow(row)
  }

  async function trashPage(query: {
    before: string | null
    limit: number
    onlyKept: boolean
    nodeId?: NodeId | undefined
    object?: string
  }): Promise<StoredTrash[]> {
    let rows = trashRows(db.read).orderBy('trash.id', 'desc').limit(query.limit)
    if (query.before !== null) rows = rows.where('trash.id', '<', query.before as TrashId)
    if (query.onlyKept) rows = rows.where('trash.state', 'in', ['kept', 'restoring'])
    if (query.nodeId) rows = rows.where('trash.node_id', '=', query.nodeId)
    if (query.object !== undefined) rows = rows.where('trash.object', '=', query.object)
    return (await rows.execute()).map(trashFromRow)
  }

  /** Room that is taken by what is set aside. */
  async function trashBytes(nodeId?: NodeId): Promise<number> {
    const row = await db.read
      .selectFrom('trash')
      .select((select) => select.fn.sum<number | null>('bytes').as('bytes'))
      .where('state', 'in', ['kept', 'restoring'])
      .$if(nodeId !== undefined, (rows) => rows.where('node_id', '=', nodeId as NodeId))
      .executeTakeFirst()
    return row?.bytes ?? 0
  }

  async function moveTrash(
    tx: Tx,
    id: TrashId,
    from: readonly Trashed['state'][],
    to: Trashed['state'],
  ): Promise<boolean> {
    const { numUpdatedRows } = await tx
      .updateTable('trash')
      .set({ state: to })
      .where('id', '=', id)
      .where('state', 'in', from)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  }

  /** What came back of an object of a node, with who asked for it. */
  async function restoresOf(nodeId: NodeId, object: string) {
    return db.read
      .selectFrom('approval')
      .innerJoin('trash', 'trash.id', 'approval.trash_id')
      .select(['approval.approved_at', 'approval.approved_by', 'approval.execution_id', 'trash.title'])
      .where('approval.kind', '=', 'undo')
      .where('approval.state', '=', 'settled')
      .where('trash.node_id', '=', nodeId)
      .where('trash.object', '=', object)
      .where('trash.state', '=', 'restored')
      .orderBy('approval.id')
      .limit(500)
      .execute()
  }

  /** Everything that is set aside on a node, to find what was discarded. */
  async function keptOn(tx: Tx, nodeId: NodeId): Promise<StoredTrash[]> {
    const rows = await trashRows(tx)
      .where('trash.node_id', '=', nodeId)
      .where('trash.state', 'in', ['kept', 'restoring'])
      .execute()
    return rows.map(trashFromRow)
  }

  return {
    insertPlan,
    insertAction,
    supersede,
    plan,
    planOfExecution,
    page,
    count,
    actions,
    actionsOn,
    moveActions,
    keepOutcome,
    insertApproval,
    approval,
    approvalsOf,
    changeApproval,
    insertTrash,
    trash,
    trashPage,
    trashBytes,
    moveTrash,
    restoresOf,
    keptOn,
  }
}
export type PlanStore = ReturnType<typeof createPlanStore>

function planFromRow(row: Selectable<Tables['plan']> & { node_name: string }): StoredPlan {
  return {
    id: row.id,
    executionId: row.execution_id,
    nodeId: row.node_id,
    nodeName: row.node_name,
    agentId: row.agent_id,
    agentVersion: row.agent_version,
    bundleSha256: row.bundle_sha256,
    hostKey: row.host_key,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    supersededBy: row.superseded_by,
  }
}

interface Said {
  readonly no_by: string | null
  readonly no_why: string | null
  readonly no_at: string | null
  readonly no_until: string | null
}

function actionFromRow(row: Selectable<Tables['plan_action']> & Said): StoredAction {
  const order = JSON.parse(row.body) as ActionOrder
  return {
    planId: row.plan_id,
    aid: row.aid,
    order,
    object: row.object,
    title: row.title,
    why: row.why,
    findingKey: row.finding_key,
    bytesMin: row.bytes_min,
    bytesMax: row.bytes_max,
    risk: riskOf(order),
    reversibility: reversibilityOf(order),
    destructive: isDestructive(order),
    nameToType: nameToType(order),
    state: row.state,
    approvalId: row.approval_id,
    outcome: row.outcome === null ? null : (JSON.parse(row.outcome) as ActionOutcome),
    rejection: rejectionOf(row),
    readAt: row.read_at,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at,
  }
}

const rejectionOf = (
  row: Pick<Selectable<Tables['plan_action']>, 'rejection_id'> & Said,
): Action['rejection'] =>
  row.rejection_id === null || row.no_at === null
    ? null
    : { id: row.rejection_id, by: row.no_by ?? '', why: row.no_why ?? '', at: row.no_at, until: row.no_until }

function approvalFromRow(row: Selectable<Tables['approval']>): StoredApproval {
  return {
    id: row.id,
    kind: row.kind,
    planId: row.plan_id,
    trashId: row.trash_id,
    nodeId: row.node_id,
    agentId: row.agent_id,
    bundleSha256: row.bundle_sha256,
    hostKey: row.host_key,
    body: row.body,
    sha256: row.sha256,
    approvedBy: row.approved_by,
    approvedAt: row.approved_at,
    secondBy: row.second_by,
    state: row.state,
    dryRun: row.dry_run === 1,
    expiresAt: row.expires_at,
    executionId: row.execution_id,
    bytesFreed: row.bytes_freed,
  }
}

function trashFromRow(row: Selectable<Tables['trash']> & { node_name: string }): StoredTrash {
  return {
    id: row.id,
    nodeId: row.node_id,
    nodeName: row.node_name,
    agentId: row.agent_id,
    executionId: row.execution_id,
    aid: row.aid,
    title: row.title,
    object: row.object,
    type: row.type,
    order: JSON.parse(row.body) as ActionOrder,
    bytes: row.bytes,
    removedAt: row.removed_at,
    removedBy: row.removed_by,
    until: row.until,
    state: row.state,
  }
}
