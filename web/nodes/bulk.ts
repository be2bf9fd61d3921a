import { ApiError } from '../../contract/client.ts'
import type { Problem } from '../../contract/errors.ts'
import type { Node } from '../../contract/nodes.ts'

/** What can be done with many nodes at once. */
export type BulkAction =
  | { readonly kind: 'tag' | 'untag'; readonly tag: string }
  /** `rotate` only begins it: each key goes on by itself, and its page tells how far it is. */
  | { readonly kind: 'pause' | 'resume' | 'remove' | 'rotate' }
  /** Agents that may run there; null for all. */
  | { readonly kind: 'grant'; readonly agents: Node['allowedAgents'] }

/** What became of one node; `problem` is null where it worked. */
export interface BulkResult {
  readonly node: Node
  readonly problem: Problem | null
}

/** So many calls at once: quick for hundreds, and gentle to a small server. */
const atOnce = 4

/**
 * Does one thing to each node, whatever becomes of the others. Results come in the order of the nodes; `onDone` hears
 * after each how many are through. Rejects only for what is no answer of the server about a node.
 */
export async function inBulk(
  nodes: readonly Node[],
  act: (node: Node) => Promise<unknown>,
  onDone: (done: number) => void = () => {},
): Promise<BulkResult[]> {
  const results: BulkResult[] = []
  let next = 0
  let done = 0
  async function work(): Promise<void> {
    for (let at = next++; at < nodes.length; at = next++) {
      const node = nodes[at] as Node
      results[at] = { node, problem: await problemOf(act(node)) }
      done += 1
      onDone(done)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, nodes.length) }, work))
  return results
}

async function problemOf(acting: Promise<unknown>): Promise<Problem | null> {
  try {
    await acting
    return null
  } catch (error) {
    if (error instanceof ApiError) return error.problem
    throw error
  }
}

/** The tags after a tag was given or taken; null when nothing changes. */
export function tagsAfter(tags: readonly string[], kind: 'tag' | 'untag', tag: string): string[] | null {
  const has = tags.includes(tag)
  if (kind === 'tag') return has ? null : [...tags, tag]
  return has ? tags.filter((one) => one !== tag) : null
}

/** As the contract has it: what selectors are made of has no place in a tag. */
export const isTag = (text: string): boolean => /^[^,!\s]{1,50}$/.test(text)
