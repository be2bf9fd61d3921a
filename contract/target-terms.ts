import type { NodeId } from './ids.ts'

/** What a selector looks at. */
export interface TargetNode {
  readonly id: NodeId
  readonly name: string
  readonly tags: readonly string[]
}

/** Splits what a person typed (`nas, docker-*, !docker-old`) into terms. */
export function parseTargets(text: string): string[] {
  return text
    .split(',')
    .map((term) => term.trim())
    .filter(Boolean)
}

/** The nodes that a selection means, in the order given, each once, and the terms that match nothing. */
export function resolveTargets<Node extends TargetNode>(
  terms: readonly string[],
  nodes: readonly Node[],
): { nodes: Node[]; unmatched: string[] } {
  const unmatched: string[] = []
  const matching = (term: string) => {
    const found = nodes.filter((node) => matches(term, node))
    if (found.length === 0) unmatched.push(term)
    return found
  }
  const excluded = new Set(
    terms.filter((term) => term.startsWith('!')).flatMap((term) => matching(term.slice(1))),
  )
  const included = terms.filter((term) => !term.startsWith('!')).flatMap(matching)
  return { nodes: [...new Set(included)].filter((node) => !excluded.has(node)), unmatched }
}

function matches(term: string, node: TargetNode): boolean {
  if (term === 'all') return true
  if (term.startsWith('tag:')) return node.tags.some((tag) => isGlobMatch(term.slice(4), tag))
  return term === node.id || isGlobMatch(term, node.name)
}

/**
 * `*` stands for any characters and `?` for one; case does not matter. Written out, because a regular expression
 * made of a glob like `*a*a*a*b` would try for years, and the server with it.
 */
export function isGlobMatch(glob: string, text: string): boolean {
  const wanted = [...glob.toLowerCase()]
  const given = [...text.toLowerCase()]
  let star = -1
  let resumeAt = 0
  let place = 0
  for (let at = 0; at < given.length; ) {
    if (wanted[place] === '*') {
      star = place++
      resumeAt = at
    } else if (wanted[place] === '?' || wanted[place] === given[at]) {
      place++
      at++
    } else if (star >= 0) {
      // The last star takes one character more. Earlier ones need not: what they could gain, it can too.
      place = star + 1
      at = ++resumeAt
    } else {
      return false
    }
  }
  return wanted.slice(place).every((character) => character === '*')
}
