import type { Query, QueryClient } from '@tanstack/react-query'
import type { Me } from '../../../contract/accounts.ts'
import { isOffline } from '../connection.ts'
import { usePreferences } from '../preferences.ts'
import { forgetKept } from './forget.ts'
import { isKept, largestReply, sift } from './rules.ts'
import { adopt, type KeptReply, read, write } from './store.ts'

const session = ['session', 'current'] as const

/** What came in is written down together, milliseconds. */
const gatherMs = 1_000

/**
 * Keeps what the server says as it comes, for whoever is signed in, and forgets it when they are no longer, or would
 * rather not. `onOwner` hears for whom it begins.
 */
export function keepState(queries: QueryClient, onOwner: () => Promise<void>): { forget(): Promise<void> } {
  const cache = queries.getQueryCache()
  const changed = new Set<Query>()
  let owner: string | null | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  /** One after the other: somebody may sign out while something is being written. */
  let last: Promise<unknown> = Promise.resolve()
  const behind = (work: () => Promise<unknown>) => {
    // A device that is full, or a private window, keeps nothing: all else works.
    last = last.then(work).catch(() => undefined)
  }

  function look(query: Query): void {
    if (query.state.status !== 'success' || !isKept(query.queryKey)) return
    if (query.queryKey[0] === 'session') hear()
    // What is shown out of reach of the server comes from here.
    if (!owner || isOffline()) return
    changed.add(query)
    timer ??= setTimeout(flush, gatherMs)
  }

  function hear(): void {
    const user = queries.getQueryData<Me | null>(session)
    if (user === undefined) return
    // Who must still prove more than a password sees nothing, and nothing is kept for them.
    const isWanted = user !== null && !user.mustAddFactor && usePreferences.getState().keepsState
    begin(isWanted ? user.id : null)
  }

  function begin(whose: string | null): void {
    if (whose === owner) return
    owner = whose
    changed.clear()
    if (whose === null) return behind(forgetKept)
    behind(() => adopt(whose))
    for (const query of cache.getAll()) look(query)
    behind(onOwner)
  }

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (!owner || changed.size === 0) return
    const by = owner
    // Each answer says anew who is signed in, and without that nothing could be shown: it never is the oldest.
    const me = cache.findAll({ queryKey: session }).map((query) => ({ ...toKept(query), at: Date.now() }))
    const kept = [...[...changed].map(toKept).filter(({ size }) => size <= largestReply), ...me]
    changed.clear()
    behind(async () => {
      const { all } = await read()
      const { stay, go } = sift(
        [...new Map([...all, ...kept].map((one) => [one.hash, one])).values()],
        Date.now(),
      )
      const staying = new Set(stay.map(({ hash }) => hash))
      await write(by, {
        kept: kept.filter(({ hash }) => staying.has(hash)),
        gone: go.map(({ hash }) => hash),
      })
    })
  }

  cache.subscribe((event) => {
    if (event.type === 'updated' && event.action.type === 'success') look(event.query)
  })
  // A phone puts pages away without a word.
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && flush())
  usePreferences.subscribe(hear)
  hear()

  /** Forgets all, also what is still on the page; what comes next is kept again, if somebody is still signed in. */
  async function forget(): Promise<void> {
    changed.clear()
    behind(forgetKept)
    if (owner) {
      const whose = owner
      behind(() => adopt(whose))
      behind(onOwner)
    }
    await last
  }
  return { forget }
}

function toKept({ queryHash: hash, queryKey: key, state }: Query): KeptReply {
  const { data: reply, dataUpdatedAt: at } = state
  return { hash, key, reply, at, size: JSON.stringify(reply).length }
}
