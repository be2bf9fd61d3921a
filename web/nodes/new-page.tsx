import { useNavigate } from '@tanstack/react-router'
import { KeyRound } from 'lucide-react'
import { useCan } from '../account/use-session.ts'
import { useMessages } from '../lib/messages.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import { AddNode } from './add-node.tsx'

/** Adds a node, then leads to its connection, which is tested next. */
export function NewNodePage() {
  const t = useMessages('nodes')
  const navigate = useNavigate()
  const mayWrite = useCan('node.write')
  if (!mayWrite) {
    return <EmptyState icon={KeyRound} title={t.form.newTitle} text={t.detail.readOnly} />
  }
  return (
    <>
      <PageHeader title={t.form.newTitle} subtitle={t.form.newText} />
      <AddNode
        onCancel={() => void navigate({ to: '/nodes' })}
        onAdded={(node) => {
          tellSuccess(t.form.saved(node.name))
          void navigate({ to: '/nodes/$id', params: { id: node.id }, search: { tab: 'connection' } })
        }}
      />
    </>
  )
}
