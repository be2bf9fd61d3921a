import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { SearchHit } from '../../contract/search.ts'
import { api } from '../lib/api.ts'
import { type Messages, useMessages } from '../lib/messages.ts'
import { query } from '../lib/query.ts'
import type { Command } from './commands.ts'

/** Nobody asks the server for every letter, milliseconds. */
const pauseMs = 250
const shortest = 3
const shownOfEach = 4

/**
 * What the server finds in findings and facts, and the way to the page that looks through everything, logs included:
 * those take longer than somebody at a palette waits.
 */
export function useHits(typed: string): { readonly commands: Command[] } {
  const t = useMessages('palette')
  const text = useSettled(typed.trim())
  const isOn = text.length >= shortest
  const findings = useQuery({ ...hitsQuery(text, 'finding'), enabled: isOn })
  const facts = useQuery({ ...hitsQuery(text, 'fact'), enabled: isOn })
  const now = typed.trim()
  if (now.length < shortest) return { commands: [] }
  const hits =
    isOn && text === now ? [findings, facts].flatMap(({ data }) => data?.groups[0]?.items ?? []) : []
  return { commands: [...hits.map(toCommand), searchAll(now, t)] }
}

const hitsQuery = (text: string, kind: 'finding' | 'fact') =>
  query(['search', 'find'], api.search.find, { query: { text, kind, limit: shownOfEach } })

/** A text once nobody has changed it for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), pauseMs)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}

const plainly = { keywords: '', permission: null, isMain: false, isWide: false } as const

/** Chosen, it leads to where the words stand. */
export function toCommand(hit: SearchHit): Command {
  switch (hit.kind) {
    case 'finding':
      return {
        ...plainly,
        id: `finding ${hit.nodeId} ${hit.agentId} ${hit.key}`,
        kind: 'finding',
        title: hit.title,
        hint: hit.nodeName,
        effect: { kind: 'go', to: `/executions/${hit.executionId}` },
      }
    case 'fact':
      return {
        ...plainly,
        id: `fact ${hit.nodeId} ${hit.agentId} ${hit.path}`,
        kind: 'fact',
        title: `${hit.path}: ${hit.text}`,
        hint: hit.nodeName,
        effect: { kind: 'go', to: `/nodes/${hit.nodeId}`, search: { tab: 'facts' } },
      }
    default:
      throw new Error(`the palette does not ask for ${hit.kind}`)
  }
}

const searchAll = (text: string, t: Messages['palette']): Command => ({
  ...plainly,
  id: 'search everything',
  kind: 'search',
  title: t.searchAll(text),
  hint: '',
  effect: { kind: 'go', to: '/search', search: { text } },
})
