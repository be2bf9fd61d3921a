/**
 * What is kept of the replies of the server, so that it can be shown without it: what people look at to know how things
 * are. Not here, so never kept: logs and commands, whatever is set up (credentials, users, tokens, channels), the audit
 * trail, and what was searched for.
 */
const keptCalls = new Set([
  'session current',
  'nodes list',
  'nodes get',
  'executions list',
  'executions get',
  'executions disk-forecasts',
  'findings list',
  'findings pages',
  'findings report',
  'agents list',
  'agents get',
  'plans count',
  'plans pages',
  'plans ofExecution',
  'schedules list',
  'schedules get',
  'schedules coming',
  'schedules occurrences',
  'repositories list',
  'metrics latest',
  'costs summary',
])

export const isKept = ([feature, call]: readonly unknown[]): boolean => keptCalls.has(`${feature} ${call}`)

/** After this long what was seen says little, and a device that is lost should not tell it, milliseconds. */
const keptMs = 7 * 24 * 60 * 60_000
/** As much as people open in days. Lists of many nodes come in pages. */
const mostReplies = 120
/** Characters of JSON: of one reply, and of all. */
export const largestReply = 400_000
const largestState = 4_000_000

interface Weighed {
  /** When the server said it, milliseconds since 1970. */
  readonly at: number
  readonly size: number
}

/** Divides into what may stay and what has to go: too old, or more than a device should hold; the newest stay. */
export function sift<Reply extends Weighed>(
  all: readonly Reply[],
  now: number,
): { stay: Reply[]; go: Reply[] } {
  const stay: Reply[] = []
  const go: Reply[] = []
  let size = 0
  for (const reply of all.toSorted((a, b) => b.at - a.at)) {
    const isFine = now - reply.at < keptMs && stay.length < mostReplies && size + reply.size <= largestState
    if (isFine) size += reply.size
    ;(isFine ? stay : go).push(reply)
  }
  return { stay, go }
}
