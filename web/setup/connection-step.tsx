import { Link } from '@tanstack/react-router'
import type { Node } from '../../contract/nodes.ts'
import { useMessages } from '../lib/messages.ts'
import { DoctorPanel } from '../nodes/doctor-panel.tsx'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'

interface ConnectionStepProps {
  readonly node: Node
  readonly onPassed: () => void
}

/** Tests the connection on screen, and asks about the fingerprint. */
export function ConnectionStep({ node, onPassed }: ConnectionStepProps) {
  const t = useMessages('setup').connection
  return (
    <div className="flex flex-col gap-4">
      <p>
        {t.node} <strong className="foreign">{node.name}</strong>{' '}
        <span className="font-mono text-sm text-muted-foreground foreign">
          {node.username}@{node.host}:{node.port}
        </span>
      </p>
      <Card className="p-4">
        <DoctorPanel nodeId={node.id} />
      </Card>
      <div className="flex flex-wrap gap-2">
        <Button onClick={onPassed} variant={node.lastSeenAt ? 'primary' : 'secondary'}>
          {node.lastSeenAt ? t.goOn : t.skip}
        </Button>
        <Button asChild variant="ghost">
          <Link to="/nodes/$id" params={{ id: node.id }} search={{ tab: 'settings' }}>
            {t.change}
          </Link>
        </Button>
      </div>
    </div>
  )
}
