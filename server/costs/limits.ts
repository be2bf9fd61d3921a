import type { Budget, BudgetChange, LimitKind } from '../../contract/costs.ts'
import type { AgentId } from '../../contract/ids.ts'
import type { NanoUsd } from '../../contract/money.ts'
import type { NoticeDraft } from '../../contract/notifications.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import { type Actor, serverActor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { EventBus } from '../lib/events.ts'
import type { Notices } from '../notices/notices.ts'
import { say } from '../notices/say.ts'
import type { Occasions } from '../occasions/occasions.ts'
import { defaultLimits, reachedPercent, type Standing } from './budgets.ts'
import { checkZone, dayOf, monthOfDay, nextDayAt, nextMonthAt } from './calendar.ts'
import type { LimitStore, SetLimit } from './limit-store.ts'
import type { CallStore, Sums } from './store.ts'

interface LimitTools {
  db: Database
  store: LimitStore
  calls: CallStore
  audit: Audit
  notices: Pick<Notices, 'put'>
  occasions: Pick<Occasions, 'put'>
  events: EventBus
  clock: Clock
}

/** A notice that is written down; whoever listens hears of it once the transaction is durable. */
export interface Told {
  readonly limit: LimitKind
  readonly agentId: AgentId | null
  readonly percent: number
  readonly limitNanoUsd: NanoUsd
  readonly resetsAt: string
}

/** The limits of spending, and the zone that their days and months are counted in. */
export function createLimits({ db, store, calls, audit, notices, occasions, events, clock }: LimitTools) {
  const nextAt = (limit: LimitKind, zone: string): string | null =>
    limit === 'execution'
      ? null
      : (limit === 'day' ? nextDayAt : nextMonthAt)(clock.now(), zone).toISOString()

  /** Every limit that a call of an agent has to fit under, with what is used of it. */
  function standingsOf(set: readonly SetLimit[], sums: Sums, agentId: AgentId | null): Standing[] {
    const standing = (limit: LimitKind, of: AgentId | null, usedNanoUsd: NanoUsd): Standing => ({
      limit,
      agentId: of,
      limitNanoUsd: inForce(set, limit, of),
      usedNanoUsd,
    })
    return [
      standing('day', null, sums.day.used),
      standing('month', null, sums.month.used),
      ...(agentId === null ? [] : [standing('agent', agentId, sums.agentMonth.used)]),
    ]
  }

  /** Writes down who has to hear that a share of a limit is used, with a line of the audit trail. */
  async function notice(tx: Tx, standings: readonly Standing[], zone: string, day: string): Promise<Told[]> {
    const told: Told[] = []
    for (const standing of standings) {
      const percent = reachedPercent(standing)
      if (percent === null || standing.limitNanoUsd === null) continue
      told.push(...(await tell(tx, { ...standing, limitNanoUsd: standing.limitNanoUsd, percent }, zone, day)))
    }
    return told
  }

  /** One notice; nothing when people have heard it in this period. */
  async function tell(
    tx: Tx,
    {
      limit,
      agentId,
      limitNanoUsd,
      usedNanoUsd,
      percent,
    }: Standing & { limitNanoUsd: NanoUsd; percent: number },
    zone: string,
    day: string,
  ): Promise<Told[]> {
    const period = limit === 'day' ? day : monthOfDay(day)
    const resetsAt = nextAt(limit, zone)
    const before = await store.toldPercent(tx, { limit, agentId, period })
    if (resetsAt === null || !(await store.addNotice(tx, { limit, agentId, period, percent }))) return []
    await audit.append(tx, {
      actor: serverActor,
      action: 'budget.reached',
      target: agentId === null ? limit : `agent:${agentId}`,
      detail: { limit, percent, usedNanoUsd, limitNanoUsd, period, resetsAt },
    })
    await notices.put(tx, budgetNotice({ limit, agentId, percent, limitNanoUsd, resetsAt }, period))
    await occasions.put(tx, { kind: 'cost', limit, agentId, percent, before })
    return [{ limit, agentId, percent, limitNanoUsd, resetsAt }]
  }

  /** The limits as people see them: the three general ones, then those of agents. */
  async function list(): Promise<{ zone: string; items: Budget[] }> {
    const zone = await store.zone()
    const day = dayOf(clock.now(), zone)
    const set = await store.limits()
    const sums = await calls.sums(db.read, day, null)
    const byAgent = await calls.agentSums(monthOfDay(day))
    const item = (
      limit: LimitKind,
      agentId: AgentId | null,
      used: { used: NanoUsd; held: NanoUsd } | null,
    ): Budget => ({
      limit,
      agentId,
      limitNanoUsd: inForce(set, limit, agentId),
      isDefault: !set.some((one) => one.limit === limit && one.agentId === agentId),
      usedNanoUsd: used?.used ?? null,
      heldNanoUsd: used?.held ?? null,
      resetsAt: nextAt(limit, zone),
    })
    const agents = set.flatMap(({ limit, agentId }) =>
      limit === 'agent' && agentId !== null ? [agentId] : [],
    )
    return {
      zone,
      items: [
        item('execution', null, null),
        item('day', null, sums.day),
        item('month', null, sums.month),
        ...agents.map((agentId) => item('agent', agentId, byAgent.get(agentId) ?? { used: 0, held: 0 })),
      ],
    }
  }

  /** Throws `request.invalid` for the limit of no agent, and for one of an agent that is none. */
  async function set({ limit, agentId, limitNanoUsd }: BudgetChange, actor: Actor): Promise<void> {
    if ((limit === 'agent') !== (agentId !== null)) {
      throw fail('request.invalid', {
        issues: [{ path: 'agentId', message: 'Name an agent for the limit of an agent, and only there' }],
      })
    }
    await db.write(async (tx) => {
      const before = await store.limits(tx)
      if (limitNanoUsd === undefined) await store.removeLimit(tx, { limit, agentId })
      else await store.putLimit(tx, { limit, agentId, limitNanoUsd })
      await store.forgetNotices(tx, { limit, agentId })
      await audit.append(tx, {
        actor,
        action: 'budget.changed',
        target: agentId === null ? limit : `agent:${agentId}`,
        detail: {
          before: inForce(before, limit, agentId),
          after: limitNanoUsd === undefined ? defaultLimits[limit] : limitNanoUsd,
        },
      })
    })
    events.emit('costs.changed', {})
  }

  /** Days and months are counted there from now on; calls stay with the day they were made on. */
  async function setZone(zone: string, actor: Actor): Promise<void> {
    checkZone(zone)
    await db.write(async (tx) => {
      const before = await store.zone(tx)
      await store.putZone(tx, zone)
      await audit.append(tx, {
        actor,
        action: 'budget.zone-changed',
        target: null,
        detail: { before, after: zone },
      })
    })
    events.emit('costs.changed', {})
  }

  /** Whoever cares hears what was written down. */
  function tellAll(told: readonly Told[]): void {
    for (const one of told) events.emit('budget.reached', one)
  }

  return { standingsOf, notice, tell, tellAll, nextAt, list, set, setZone }
}
export type Limits = ReturnType<typeof createLimits>

function budgetNotice(
  { limit, agentId, percent, limitNanoUsd, resetsAt }: Told,
  period: string,
): NoticeDraft {
  return {
    kind: 'budget.reached',
    severity: percent >= 100 ? 'high' : percent >= 80 ? 'warning' : 'info',
    key: `budget/${limit}/${agentId ?? ''}/${period}/${percent}`,
    title: say('budget.share', { percent, limit, agentId, nanoUsd: limitNanoUsd }),
    detail: percent >= 100 ? [say('budget.until', { at: resetsAt })] : null,
    nodeId: null,
    nodeName: null,
    agentId,
    page: '/costs',
  }
}

/** The limit that holds: the one that was set, which may be none, else the default. */
export function inForce(set: readonly SetLimit[], limit: LimitKind, agentId: AgentId | null): NanoUsd | null {
  const found = set.find((one) => one.limit === limit && one.agentId === agentId)
  return found ? found.limitNanoUsd : defaultLimits[limit]
}
