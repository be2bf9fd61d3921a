import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { FlaskConical } from 'lucide-react'
import { useState } from 'react'
import { useCan } from '../account/use-session.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { samplesQuery } from '../lib/samples.ts'
import { Button } from '../ui/button.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { tellSuccess } from '../ui/toaster.tsx'

/** Stands over every page while there is sample data, so that nobody takes it for a machine of their own. */
export function SampleRibbon() {
  const t = useMessages('firstSteps').samples
  const mayRemove = useCan('node.write')
  const queries = useQueryClient()
  const [isAsking, setAsking] = useState(false)
  const { data: samples } = useQuery(samplesQuery)
  const remove = useMutation({
    mutationFn: () => api.samples.remove({}),
    onSuccess: async () => {
      setAsking(false)
      tellSuccess(t.removed)
      await queries.invalidateQueries()
    },
  })
  if (!samples?.present) return null
  return (
    <div
      role="note"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-status-wait/40 bg-status-wait/10 px-4 py-1.5 text-sm text-status-wait md:px-6"
    >
      <FlaskConical aria-hidden className="size-4 shrink-0" />
      <span className="min-w-0 flex-1 basis-56 text-pretty">{t.ribbon}</span>
      {mayRemove && (
        <Button size="sm" variant="secondary" onClick={() => setAsking(true)}>
          {t.remove}
        </Button>
      )}
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setAsking}
        title={t.removeTitle}
        description={t.removeText}
        confirmLabel={t.remove}
        onConfirm={() => remove.mutate()}
        isPending={remove.isPending}
        error={remove.error}
      />
    </div>
  )
}
