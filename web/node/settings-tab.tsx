import type { Node } from '../../contract/nodes.ts'
import { isSampleId } from '../../contract/sample-ids.ts'
import { useCan } from '../account/use-session.ts'
import { useMessages } from '../lib/messages.ts'
import { RelativeTime } from '../ui/relative-time.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import { NodeForm } from '../nodes/node-form.tsx'
import { AiCard } from './ai-card.tsx'

/** The settings of the node. */
export function SettingsTab({ node }: { readonly node: Node }) {
  const t = useMessages('nodes')
  const mayWrite = useCan('node.write', node.id)
  const { samples } = useMessages('firstSteps')
  const mayAi = useCan('ai.write')
  if (!mayWrite)
    return (
      <p className="text-muted-foreground">{isSampleId(node.id) ? samples.onlyShown : t.detail.readOnly}</p>
    )
  return (
    <div className="grid max-w-3xl gap-4">
      <NodeForm node={node} onSaved={({ name }) => tellSuccess(t.form.saved(name))} />
      {mayAi && <AiCard node={node} />}
      <p className="text-sm text-muted-foreground">
        {t.detail.added} <RelativeTime at={node.createdAt} />, {t.detail.changed}{' '}
        <RelativeTime at={node.updatedAt} />
      </p>
    </div>
  )
}
