import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import type { SearchKind } from '../../contract/search.ts'
import { api } from '../lib/api.ts'

/** Shorter than this the server looks for nothing. */
export const shortest = 2

/** What is found of one kind, page by page. */
export const hitsQuery = (text: string, kind: SearchKind, limit: number) =>
  infiniteQueryOptions({
    queryKey: ['search', 'find', { text, kind, limit }] as const,
    queryFn: async ({ pageParam, signal }) => {
      const { groups } = await api.search.find(
        { query: { text, kind, limit, cursor: pageParam } },
        { signal },
      )
      const [group] = groups
      return group ?? { kind, items: [], nextCursor: null, lookedBackTo: null }
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    enabled: text.length >= shortest,
    placeholderData: keepPreviousData,
    // What was found a moment ago is found again: going back and forth between pages asks nobody.
    staleTime: 30_000,
  })
