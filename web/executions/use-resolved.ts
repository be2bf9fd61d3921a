import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useEffect, useState } from 'react'
import type { AgentId } from '../../contract/ids.ts'
import { previewQuery } from './list-queries.ts'

/** Typing rests this long before the server is asked, milliseconds. */
const pauseMs = 150

/** The nodes that a selection means for an agent, as the server sees it; follows the typing. */
export function useResolved(agentId: AgentId | undefined, terms: readonly string[]) {
  const asked = useRested(terms.join('\n'))
  const targets = asked === '' ? [] : asked.split('\n')
  const preview = useQuery({
    ...previewQuery(agentId ?? '', targets),
    enabled: agentId !== undefined && targets.length > 0,
    placeholderData: keepPreviousData,
  })
  const isOld = asked !== terms.join('\n') || preview.isPlaceholderData
  return { preview, isOld, eligible: preview.data?.nodes.filter((node) => node.eligible) ?? [] }
}

function useRested(text: string): string {
  const [rested, setRested] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), pauseMs)
    return () => clearTimeout(timer)
  }, [text])
  return useDeferredValue(rested)
}
