import type { ChannelId } from '../../contract/ids.ts'
import type { ChannelKind, Notice, NotificationRules } from '../../contract/notifications.ts'
import { resolveTargets, type TargetNode } from '../../contract/target-terms.ts'
import { rankOf } from '../reports/rank.ts'
import { quietUntil } from './times.ts'

/** The channels that hear of a notice, each once. */
export function channelsFor(
  notice: Notice,
  { routes, report }: NotificationRules,
  nodes: readonly TargetNode[],
): ChannelId[] {
  if (notice.kind === 'report.morning') return [...new Set(report.channelIds)]
  const fitting = routes.filter(
    ({ kinds, least, targets, agents }) =>
      kinds.includes(notice.kind) &&
      (isRun(notice) || rankOf(notice.severity) <= rankOf(least)) &&
      (targets.length === 0 || resolveTargets(targets, nodes).nodes.some(({ id }) => id === notice.nodeId)) &&
      (agents.length === 0 || (notice.agentId !== null && agents.includes(notice.agentId))),
  )
  return [...new Set(fitting.flatMap(({ channelIds }) => channelIds))]
}

/** That a run began or went well is neither mild nor severe. */
const isRun = ({ kind }: Notice): boolean => kind === 'run.started' || kind === 'run.succeeded'

/** Programs at the other end want each thing by itself and at once, at night as well. */
export const isForPrograms = (kind: ChannelKind): boolean => kind === 'ping' || kind === 'mqtt'

export interface Holding {
  readonly dueAt: Date
  readonly why: 'gathering' | 'quiet'
}

/** Until when a notice waits for others that go with it. */
export function holdingOf(
  notice: Notice,
  kind: ChannelKind,
  { quiet, zone, groupSeconds }: NotificationRules,
  now: Date,
): Holding {
  // Somebody chose the time of the report.
  if (isForPrograms(kind) || notice.kind === 'report.morning') return { dueAt: now, why: 'gathering' }
  const until = quietUntil(now, quiet, zone)
  if (until && !(quiet.exceptCritical && isCritical(notice))) return { dueAt: until, why: 'quiet' }
  return { dueAt: new Date(now.getTime() + groupSeconds * 1_000), why: 'gathering' }
}

const isCritical = ({ severity, kind }: Notice): boolean =>
  severity === 'critical' && kind !== 'finding.recovered'

interface Told {
  readonly kind: Notice['kind']
  readonly at: string
}

/**
 * Whether people have just heard the same: the last thing told of this key was of this kind, not long ago. Something
 * else meanwhile, such as recovery, makes it news again.
 */
export function isRepeat(
  notice: Notice,
  last: Told | null,
  { repeatAfterMinutes }: NotificationRules,
): boolean {
  // A program counts each of them.
  if (last === null || last.kind !== notice.kind || notice.kind.startsWith('run.')) return false
  return Date.parse(notice.at) - Date.parse(last.at) < repeatAfterMinutes * 60_000
}
