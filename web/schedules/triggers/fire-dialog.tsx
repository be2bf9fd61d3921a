import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { Trigger } from '../../../contract/triggers.ts'
import { useAgentTitle } from '../../executions/list-queries.ts'
import { type Selection, termsOf } from '../../executions/selection.ts'
import { TargetField } from '../../executions/target-field.tsx'
import { api } from '../../lib/api.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'

/** Starts what it starts; asks where, if it runs on the node that something happened on. */
export function FireDialog({
  trigger,
  onClose,
}: {
  readonly trigger: Trigger
  readonly onClose: () => void
}) {
  const t = useMessages('triggers')
  const navigate = useNavigate()
  const titleOf = useAgentTitle()
  const [selection, setSelection] = useState<Selection>({ terms: [], draft: '' })
  const [isChecked, setChecked] = useState(false)
  const { id, name, targets, agentId } = trigger
  const terms = termsOf(selection)
  const isMissing = targets === null && terms.length === 0
  const fire = useMutation({
    mutationFn: () => api.triggers.fire({ params: { id }, body: targets === null ? { targets: terms } : {} }),
    onSuccess: ({ batchId }) => navigate({ to: '/executions', search: { batch: batchId } }),
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t.fireTitle(name)}
      description={t.fireText(titleOf(agentId))}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button
            isLoading={fire.isPending}
            onClick={() => {
              setChecked(true)
              if (!isMissing) fire.mutate()
            }}
          >
            {t.fireNow}
          </Button>
        </>
      }
    >
      {targets === null ? (
        <Field label={t.nodes} required error={isChecked && isMissing ? t.nodesMissing : undefined}>
          <TargetField value={selection} onChange={setSelection} />
        </Field>
      ) : (
        <p>
          {t.nodes}: <bdi className="foreign">{targets.join(', ')}</bdi>
        </p>
      )}
      {fire.isError && <ErrorPanel error={fire.error} isCompact />}
    </Dialog>
  )
}
