import type { Node } from '../../contract/nodes.ts'
import { AddNode } from '../nodes/add-node.tsx'

/** The first node, by form or by the block to paste. */
export function NodeStep({ onAdded }: { readonly onAdded: (node: Node) => void }) {
  return <AddNode onAdded={onAdded} />
}
