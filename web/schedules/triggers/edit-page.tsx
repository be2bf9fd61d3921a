import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { TriggerId } from '../../../contract/ids.ts'
import type { Hook, Trigger } from '../../../contract/triggers.ts'
import { useBreadcrumb } from '../../lib/breadcrumb.ts'
import { useMessages } from '../../lib/messages.ts'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { tellSuccess } from '../../ui/toaster.tsx'
import { ForWriters } from '../for-writers.tsx'
import { TriggerForm } from './form.tsx'
import { HookShown } from './hook-shown.tsx'
import { triggerQuery } from './queries.ts'

/** A new trigger. */
export const NewTriggerPage = () => (
  <ForWriters>
    <NewTrigger />
  </ForWriters>
)

function NewTrigger() {
  const t = useMessages('triggers')
  const navigate = useNavigate()
  const after = useSaved((name) => t.created(name))
  useBreadcrumb(t.create)
  return (
    <>
      <PageHeader title={t.create} subtitle={t.createText} />
      <TriggerForm onSaved={after.saved} onCancel={() => void navigate({ to: '/schedules/triggers' })} />
      {after.dialog}
    </>
  )
}

/** Changes a trigger. */
export function EditTriggerPage() {
  const id = useParams({ from: '/inside/schedules/triggers/$id/edit' }).id as TriggerId
  return (
    <ForWriters id={id}>
      <EditTrigger id={id} />
    </ForWriters>
  )
}

function EditTrigger({ id }: { readonly id: TriggerId }) {
  const t = useMessages('triggers')
  const navigate = useNavigate()
  const trigger = useQuery(triggerQuery(id))
  const after = useSaved((name) => t.saved(name))
  useBreadcrumb(trigger.data?.name ?? '')
  if (trigger.isError && !trigger.data) {
    return <ErrorPanel error={trigger.error} onRetry={() => void trigger.refetch()} />
  }
  if (!trigger.data) return <SkeletonRows rows={8} />
  return (
    <>
      <PageHeader title={t.editTitle(trigger.data.name)} />
      <TriggerForm
        // What somebody else changes meanwhile does not take away what was typed.
        key={id}
        trigger={trigger.data}
        onSaved={after.saved}
        onCancel={() => void navigate({ to: '/schedules/triggers/$id', params: { id } })}
      />
      {after.dialog}
    </>
  )
}

/** Goes on to the trigger, once a new address was seen. */
function useSaved(words: (name: string) => string) {
  const navigate = useNavigate()
  const [shown, setShown] = useState<{ trigger: Trigger; hook: Hook } | null>(null)
  const goOn = ({ id, name }: Trigger) => {
    tellSuccess(words(name))
    void navigate({ to: '/schedules/triggers/$id', params: { id } })
  }
  return {
    saved: ({ trigger, hook }: { readonly trigger: Trigger; readonly hook: Hook | null }) =>
      hook ? setShown({ trigger, hook }) : goOn(trigger),
    dialog: shown && <HookShown hook={shown.hook} onClose={() => goOn(shown.trigger)} />,
  }
}
