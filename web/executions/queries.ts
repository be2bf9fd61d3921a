import { queryOptions } from '@tanstack/react-query'
import type { ExecutionId } from '../../contract/ids.ts'
import { api } from '../lib/api.ts'
import { pollMs, useConnection } from '../lib/connection.ts'
import { query } from '../lib/query.ts'
import { emptyStory, readOn, type Story } from './story.ts'

export const executionQuery = (id: ExecutionId) =>
  query(['executions', 'get'], api.executions.get, { params: { id } })

/** Filed under findings: what changes in a report is who has acknowledged what. */
export const reportQuery = (id: ExecutionId) =>
  query(['findings', 'report'], api.executions.report, { params: { id } })

/** While it is active these grow with every step, and no hint tells of most of them. */
const whileActive = (isFinal: boolean) => (isFinal ? (false as const) : 2_000)

export const journalQuery = (id: ExecutionId, isFinal: boolean) =>
  queryOptions({
    ...query(['execution-journal', isFinal ? 'final' : 'active'], api.executions.journal, { params: { id } }),
    refetchInterval: whileActive(isFinal),
  })

export const commandsQuery = (id: ExecutionId, isFinal: boolean) =>
  queryOptions({
    ...query(['execution-commands', isFinal ? 'final' : 'active'], api.executions.commands, {
      params: { id },
    }),
    refetchInterval: whileActive(isFinal),
  })

/**
 * The steps, commands and findings in the log. Each fetch goes on where the last one stopped; the live socket adds
 * to it in between.
 */
export const storyQuery = (id: ExecutionId, isFinal: boolean) =>
  queryOptions({
    queryKey: ['execution-story', id] as const,
    queryFn: async ({ client, signal, queryKey }): Promise<Story> => {
      let story = client.getQueryData<Story>(queryKey) ?? emptyStory
      for (;;) {
        const { items, lastSeq } = await api.executions.log(
          { params: { id }, query: { after: story.lastSeq, limit: 5_000 } },
          { signal },
        )
        story = readOn(story, items)
        if (items.length === 0 || story.lastSeq >= lastSeq) return story
      }
    },
    // Thousands of entries are not compared one by one to find out that some were added.
    structuralSharing: false,
    staleTime: isFinal ? Number.POSITIVE_INFINITY : 0,
    refetchInterval: () => (isFinal || useConnection.getState().state === 'live' ? false : pollMs),
  })
