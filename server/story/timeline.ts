import type { StoryEvent } from '../../contract/story.ts'

/**
 * The newest events before a moment, at most about `limit`: those of one moment stay together, so that the moment of the
 * last one is where the next page goes on. `next` is null when nothing older is there.
 */
export function cutPage(
  events: readonly StoryEvent[],
  limit: number,
): { items: StoryEvent[]; next: string | null } {
  const sorted = events.toSorted((a, b) => (a.at === b.at ? rankOf(a) - rankOf(b) : a.at < b.at ? 1 : -1))
  const last = sorted[limit - 1]
  if (!last) return { items: sorted, next: null }
  const items = sorted.filter(({ at }) => at >= last.at)
  return { items, next: items.length < sorted.length ? last.at : null }
}

/** Of one moment, newest first: what came of a run stands above the run. */
const order = ['approval', 'finding', 'change', 'execution', 'audit'] as const
const rankOf = ({ kind }: StoryEvent): number => order.indexOf(kind)
