import { useQuery } from '@tanstack/react-query'
import { ChevronRight } from 'lucide-react'
import type { Node } from '../../contract/nodes.ts'
import { useCan } from '../account/use-session.ts'
import { useMessages } from '../lib/messages.ts'
import { PasteBlock } from '../nodes/paste-block.tsx'
import { credentialsQuery } from '../nodes/queries.ts'

interface PrepareCardProps {
  readonly node: Node
  readonly title: string
  /** The address of this server as the node has seen it. */
  readonly seenFrom?: string | null
  readonly isOpen?: boolean
}

/** The block that lets the key of this node in. Nothing where a password opens it, or for who may not see keys. */
export function PrepareCard({ node, title, seenFrom = null, isOpen = false }: PrepareCardProps) {
  const t = useMessages('nodes').paste
  const mayWrite = useCan('node.write', node.id)
  const { data } = useQuery({ ...credentialsQuery, enabled: mayWrite })
  const credential = data?.items.find(({ id }) => id === node.credentialId)
  if (!credential) return null
  return (
    <details open={isOpen || undefined} className="group min-w-0 rounded-lg border border-border bg-card">
      <summary className="flex min-h-12 list-none items-center gap-2 rounded-lg px-4 py-2">
        <ChevronRight
          aria-hidden
          className="size-4 text-muted-foreground transition-transform group-open:rotate-90"
        />
        <span className="font-semibold">{title}</span>
      </summary>
      <div className="px-4 pt-1 pb-4">
        {credential.publicKey === null ? (
          <p className="text-muted-foreground text-pretty">{t.passwordOpens}</p>
        ) : (
          <PasteBlock
            // What is typed belongs to one way of being seen.
            key={seenFrom}
            credentialId={credential.id}
            nodeId={node.id}
            username={node.username}
            elevation={node.elevation}
            allowedAgents={node.allowedAgents}
            seenFrom={seenFrom}
          />
        )}
      </div>
    </details>
  )
}
