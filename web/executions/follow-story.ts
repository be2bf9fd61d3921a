import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { ExecutionId } from '../../contract/ids.ts'
import { live } from '../lib/live.ts'
import { storyQuery } from './queries.ts'
import { continues, emptyStory, readOn, type Story } from './story.ts'

/** A log longer than this is only read through when somebody asks for its steps. */
const readAtOnce = 20_000

interface Wanted {
  readonly id: ExecutionId
  readonly isFinal: boolean
  readonly logLines: number
  /** Reads also a long log. */
  readonly evenLong?: boolean
}

/** Steps, commands and findings of an execution, live while it is active. Undefined until the first are there. */
export function useStory({ id, isFinal, logLines, evenLong = false }: Wanted) {
  const queries = useQueryClient()
  const isWanted = evenLong || logLines <= readAtOnce
  const story = useQuery({ ...storyQuery(id, isFinal), enabled: isWanted })
  const hasBegun = story.isSuccess

  useEffect(() => {
    if (isFinal || !isWanted || !hasBegun) return
    const { queryKey } = storyQuery(id, false)
    const now = () => queries.getQueryData<Story>(queryKey) ?? emptyStory
    const readAgain = () => void queries.invalidateQueries({ queryKey })
    return live.follow(`log:${id}`, {
      after: () => now().lastSeq,
      hear: (frame) => {
        if (frame.type === 'gap') return readAgain()
        if (frame.type !== 'log') return
        if (!continues(now(), frame.entries)) return readAgain()
        queries.setQueryData<Story>(queryKey, (before) => readOn(before ?? emptyStory, frame.entries))
      },
    })
  }, [queries, id, isFinal, isWanted, hasBegun])

  return story
}
