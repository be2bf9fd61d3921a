import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Download, Pencil, Play, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Schedule } from '../../contract/schedules.ts'
import { useCan } from '../account/use-session.ts'
import { api, downloadUrl } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { DropdownMenuItem, DropdownMenuSeparator } from '../ui/dropdown-menu.tsx'
import { MoreMenu } from '../ui/more-menu.tsx'
import { tellFailure } from '../ui/toaster.tsx'
import { PauseButton } from './pause-button.tsx'
import { RemoveAndLeave } from './remove-dialog.tsx'

/** What can be done with a schedule. */
export function ScheduleActions({ schedule }: { readonly schedule: Schedule }) {
  const t = useMessages('schedules')
  const mayWrite = useCan('schedule.write', schedule.id)
  const mayRun = useCan('execution.start', schedule.id)
  const navigate = useNavigate()
  const [isRemoving, setRemoving] = useState(false)
  const { id, name } = schedule
  const run = useMutation({
    mutationFn: () => api.schedules.run({ params: { id } }),
    onSuccess: ({ batchId }) => navigate({ to: '/executions', search: { batch: batchId } }),
    onError: tellFailure,
  })
  return (
    <>
      {mayWrite && (
        <PauseButton
          of={schedule}
          words={t}
          change={(paused) => api.schedules.change({ params: { id }, body: { paused } })}
        />
      )}
      {mayRun && (
        <Button isLoading={run.isPending} onClick={() => run.mutate()}>
          <Play aria-hidden />
          {t.runNow}
        </Button>
      )}
      {mayWrite && (
        <MoreMenu label={t.more}>
          <DropdownMenuItem asChild>
            <Link to="/schedules/$id/edit" params={{ id }}>
              <Pencil aria-hidden />
              {t.edit}
            </Link>
          </DropdownMenuItem>
          <DropdownMenuItem asChild>
            <a href={downloadUrl(`/schedules/export?id=${id}`)} download>
              <Download aria-hidden />
              {t.export}
            </a>
          </DropdownMenuItem>
          <DropdownMenuSeparator />
          <DropdownMenuItem danger onSelect={() => setRemoving(true)}>
            <Trash2 aria-hidden />
            {t.remove}
          </DropdownMenuItem>
        </MoreMenu>
      )}
      <RemoveAndLeave
        name={name}
        words={t}
        remove={() => api.schedules.remove({ params: { id } })}
        listAt="/schedules"
        queryKey={['schedules', 'get', { params: { id } }]}
        open={isRemoving}
        onClose={() => setRemoving(false)}
      />
    </>
  )
}
