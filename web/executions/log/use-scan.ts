import { useEffect, useState } from 'react'
import type { LogSource } from './log-source.ts'
import type { Search } from './search.ts'

/** What goes through the whole log wants: every entry seen once, or looked through for the query. */
interface Wanted {
  readonly query: string
  readonly isFiltering: boolean
}

/** Lets the page answer to the reader between two slices of work. */
const breathe = () => new Promise<void>((resolve) => setTimeout(resolve))

/**
 * Goes through the whole log for a search or a filter: what is here in slices, the rest in pages from the server. Says
 * whether it is at work, and lets itself be stopped and resumed.
 */
export function useScan(source: LogSource, search: Search, { query, isFiltering }: Wanted) {
  const [isRunning, setRunning] = useState(false)
  const [isStopped, setStopped] = useState(false)
  const [asked, setAsked] = useState({ query, isFiltering })
  // A new question is worth a new walk, also after the last one was stopped.
  if (asked.query !== query || asked.isFiltering !== isFiltering) {
    setAsked({ query, isFiltering })
    setStopped(false)
  }

  useEffect(() => {
    search.ask(query)
    if ((query === '' && !isFiltering) || isStopped) return
    const run = new AbortController()
    const { signal } = run
    void (async () => {
      await firstEntries(source, signal)
      if (signal.aborted) return
      setRunning(true)
      try {
        await walk(source, search, { query, isFiltering }, signal)
      } catch (error) {
        // What could not be read stays unread; the list says so where it shows.
        if (!signal.aborted) setStopped(true)
        else if (!(error instanceof Error)) throw error
      } finally {
        if (!signal.aborted) setRunning(false)
      }
    })()
    return () => {
      run.abort()
      setRunning(false)
    }
  }, [source, search, query, isFiltering, isStopped])

  return { isRunning, isStopped, stop: () => setStopped(true), resume: () => setStopped(false) }
}

/** Resolves when the log has been opened. */
function firstEntries(source: LogSource, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (source.phase().kind !== 'ready' && !signal.aborted) return
      stop()
      resolve()
    }
    const stop = source.subscribe(look)
    signal.addEventListener('abort', look, { once: true })
    look()
  })
}

async function walk(
  source: LogSource,
  search: Search,
  { query, isFiltering }: Wanted,
  signal: AbortSignal,
): Promise<void> {
  let seen = 1
  while (!signal.aborted) {
    const looked = search.advance()
    const unseen = isFiltering ? source.store.firstUnseen(seen) : null
    const needs = (query === '' ? null : looked.needs) ?? unseen
    if (needs !== null) {
      const found = await source.readOn(needs - 1, signal)
      if (found.length === 0) return
      if (needs === unseen) seen = needs
    } else if (looked.isDone) return
    await breathe()
  }
}
