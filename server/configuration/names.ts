import type { Node } from '../../contract/nodes.ts'
import { fail } from '../lib/errors.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { Credentials } from '../vault/credentials.ts'

/** Documents say names where the server has ids. */
export interface Naming<Id extends string> {
  nameOf(id: string | null): string | null
  /** Throws `configuration.reference_missing`. */
  idOf(name: string): Id
}

/** Names go either way, whatever their case. */
export function naming<Id extends string>(
  kind: string,
  all: readonly { id: Id; name: string }[],
): Naming<Id> {
  const names = new Map<string, string>(all.map(({ id, name }) => [id, name]))
  const ids = new Map(all.map(({ id, name }) => [name.toLowerCase(), id]))
  return {
    nameOf: (id) => (id === null ? null : (names.get(id) ?? null)),
    idOf(name) {
      const id = ids.get(name.toLowerCase())
      if (id) return id
      throw fail('configuration.reference_missing', { detail: `There is no ${kind} called ${name}.` })
    },
  }
}

export function createNames({ nodes, credentials }: { nodes: Nodes; credentials: Credentials }) {
  /** All of them, by name. */
  async function allNodes(): Promise<Node[]> {
    const items: Node[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await nodes.list({ limit: 200, cursor })
      items.push(...page.items)
      cursor = page.nextCursor
    }
    return items
  }
  return {
    allNodes,
    nodes: async () => naming('node', await allNodes()),
    credentials: async () => naming('credential', await credentials.list()),
  }
}
export type Names = ReturnType<typeof createNames>
