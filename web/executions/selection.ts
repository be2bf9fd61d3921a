import { parseTargets } from '../../contract/targets.ts'

/** Which nodes somebody means: terms that stand, and one that is being typed. */
export interface Selection {
  readonly terms: readonly string[]
  readonly draft: string
}

export const toSelection = (terms: readonly string[] = []): Selection => ({ terms: [...terms], draft: '' })

/** All that is meant now, with what is being typed. */
export const termsOf = ({ terms, draft }: Selection): string[] => [
  ...new Set([...terms, ...parseTargets(draft)]),
]

/** Makes what was typed stand. */
export const settle = (selection: Selection): Selection => toSelection(termsOf(selection))

/** What typing leads to: a comma makes what is before it stand. */
export function typed({ terms }: Selection, text: string): Selection {
  const at = text.lastIndexOf(',')
  if (at < 0) return { terms, draft: text }
  return { ...settle({ terms, draft: text.slice(0, at) }), draft: text.slice(at + 1).trimStart() }
}
