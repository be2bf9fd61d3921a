import { styleText } from 'node:util'
import { planId } from '../../contract/ids.ts'
import type { Action, Plan } from '../../contract/plans.ts'
import type { Config } from '../config.ts'
import { fail } from '../lib/errors.ts'
import { toPrintable } from '../lib/printable.ts'
import { type CliClient, connectTo, findServer } from './client.ts'
import { exitCodes } from './problem.ts'
import { watchExecution } from './watch.ts'

export interface ApproveOptions {
  /** Only check on the node; decide nothing. */
  readonly dryRun: boolean
  /** Names of what is to be removed, where they have to be typed. */
  readonly name: readonly string[]
  readonly json: boolean
}

export interface RejectOptions {
  readonly why: string
  /** When the same changes are asked again: `next`, `never`, or a number of days. */
  readonly askAgain: string
}

/** Throws `request.invalid` for what is neither a word nor a number of days. */
function daysOf(text: string): number | null {
  if (text === 'next') return 0
  if (text === 'never') return null
  if (!/^\d{1,4}$/.test(text))
    throw fail('request.invalid', { detail: `--ask-again ${text}: next, never or days.` })
  return Number(text)
}

/** `carl approvals`: what waits for a decision. */
export async function listApprovals(json: boolean, config: Config): Promise<number> {
  const client = connectTo(findServer(process.env, config))
  const { items } = await client.plans.list({ query: { limit: 100 } })
  if (json) process.stdout.write(`${JSON.stringify(items)}\n`)
  else if (items.length === 0) process.stdout.write('Nothing waits for a decision.\n')
  else for (const plan of items) process.stdout.write(toPlanText(plan))
  return exitCodes.ok
}

/** `carl approvals approve PLAN [CHANGE…]`: approves all that waits, or what is named, and watches it being done. */
export async function approvePlan(
  id: string,
  aids: readonly string[],
  { dryRun, name: names, json }: ApproveOptions,
  config: Config,
): Promise<number> {
  const reach = () => connectTo(findServer(process.env, config))
  const client = reach()
  const plan = await planOf(client, id)
  const chosen = choose(plan, aids)
  const typed = Object.fromEntries(
    chosen.flatMap(({ aid, nameToType }) =>
      nameToType !== null && names.includes(nameToType) ? [[aid, nameToType]] : [],
    ),
  )
  const before = new Set(plan.approvals.map((one) => one.id))
  const decided = await client.plans.approve({
    params: { id: plan.id },
    body: { actions: chosen.map(({ aid }) => aid), typed, dryRun },
  })
  const approval =
    decided.approvals.find((one) => !before.has(one.id)) ??
    decided.approvals.find(({ id: known }) => chosen.some(({ approvalId }) => approvalId === known))
  if (approval?.executionId) await watchExecution(reach, approval.executionId, () => {})
  const after = await client.plans.get({ params: { id: plan.id } })
  if (json) process.stdout.write(`${JSON.stringify(after)}\n`)
  else
    process.stdout.write(
      toPlanText({
        ...after,
        actions: choose(
          after,
          chosen.map(({ aid }) => aid),
        ),
      }),
    )
  const isFine = after.actions
    .filter(({ aid }) => chosen.some((one) => one.aid === aid))
    .every(({ outcome }) => outcome?.kind !== 'failed' && outcome?.kind !== 'unknown')
  return isFine ? exitCodes.ok : exitCodes.failed
}

/** `carl approvals reject PLAN [CHANGE…]`: rejects all that waits, or what is named. */
export async function rejectPlan(
  id: string,
  aids: readonly string[],
  { why, askAgain }: RejectOptions,
  config: Config,
): Promise<number> {
  const client = connectTo(findServer(process.env, config))
  const plan = await planOf(client, id)
  const chosen = choose(plan, aids)
  await client.plans.reject({
    params: { id: plan.id },
    body: { actions: chosen.map(({ aid }) => aid), why, forDays: daysOf(askAgain) },
  })
  process.stdout.write(`${styleText('green', '✓')} Rejected: ${chosen.length}.\n`)
  return exitCodes.ok
}

async function planOf(client: CliClient, id: string): Promise<Plan> {
  const parsed = planId.safeParse(id)
  if (!parsed.success) throw fail('plan.not_found', { detail: `No plan is called ${id}.` })
  return client.plans.get({ params: { id: parsed.data } })
}

/** What is named, or all that waits. Throws `plan.not_found` for a change that the plan does not have. */
function choose(plan: Plan, aids: readonly string[]): Action[] {
  const unknown = aids.find((aid) => !plan.actions.some((action) => action.aid === aid))
  if (unknown !== undefined) throw fail('plan.not_found', { detail: `The plan has no change ${unknown}.` })
  const waits = ({ state }: Action) => state === 'waiting' || state === 'second-person'
  const chosen = plan.actions.filter((action) =>
    aids.length > 0 ? aids.includes(action.aid) : waits(action),
  )
  if (chosen.length === 0)
    throw fail('plan.decided', { detail: plan.closed ?? 'Nothing of it waits any more.' })
  return chosen
}

function toPlanText({ id, agentTitle, nodeName, expiresAt, closed, actions }: Plan): string {
  const head = `${styleText('bold', toPrintable(`${agentTitle} on ${nodeName}`))}  ${id}\n`
  const when = `  ${closed ?? `Waits for a decision until ${expiresAt}.`}\n`
  const lines = actions.map(({ aid, title, risk, reversibility, state, outcome }) => {
    const standing = outcome ? `${outcome.kind}${outcome.why ? `: ${outcome.why}` : ''}` : state
    return `  ${toPrintable(`${title}  [${standing}]`)}\n    ${aid}, ${risk} risk, ${backIn[reversibility]}\n`
  })
  return `${[head, when, ...lines].join('')}\n`
}

const backIn: Record<Action['reversibility'], string> = {
  yes: 'can be restored',
  repull: 'can be pulled again',
  rebuild: 'comes back by itself',
  ends: 'ends by itself',
  no: 'gone for good',
}
