import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { KeyRound, Pencil, Trash2, Zap } from 'lucide-react'
import { useState } from 'react'
import type { Hook, Trigger } from '../../../contract/triggers.ts'
import { useCan } from '../../account/use-session.ts'
import { api } from '../../lib/api.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { DropdownMenuItem, DropdownMenuSeparator } from '../../ui/dropdown-menu.tsx'
import { MoreMenu } from '../../ui/more-menu.tsx'
import { PauseButton } from '../pause-button.tsx'
import { RemoveAndLeave } from '../remove-dialog.tsx'
import { FireDialog } from './fire-dialog.tsx'
import { HookShown } from './hook-shown.tsx'

/** What can be done with a trigger. */
export function TriggerActions({ trigger }: { readonly trigger: Trigger }) {
  const t = useMessages('triggers')
  const mayWrite = useCan('schedule.write')
  const mayRun = useCan('execution.start')
  const [asked, setAsked] = useState<'remove' | 'fire' | 'renew' | null>(null)
  const [hook, setHook] = useState<Hook | null>(null)
  const { id, name, when } = trigger
  const renew = useMutation({
    mutationFn: () => api.triggers.renewHook({ params: { id }, body: {} }),
    onSuccess: (made) => {
      setAsked(null)
      setHook(made)
    },
  })
  return (
    <>
      {mayWrite && (
        <PauseButton
          of={trigger}
          words={t}
          change={(paused) => api.triggers.pause({ params: { id }, body: { paused } })}
        />
      )}
      {mayRun && (
        <Button onClick={() => setAsked('fire')}>
          <Zap aria-hidden />
          {t.fireNow}
        </Button>
      )}
      {mayWrite && (
        <MoreMenu label={t.more}>
          <DropdownMenuItem asChild>
            <Link to="/schedules/triggers/$id/edit" params={{ id }}>
              <Pencil aria-hidden />
              {t.edit}
            </Link>
          </DropdownMenuItem>
          {when.kind === 'webhook' && (
            <DropdownMenuItem onSelect={() => setAsked('renew')}>
              <KeyRound aria-hidden />
              {t.renewHook}
            </DropdownMenuItem>
          )}
          <DropdownMenuSeparator />
          <DropdownMenuItem danger onSelect={() => setAsked('remove')}>
            <Trash2 aria-hidden />
            {t.remove}
          </DropdownMenuItem>
        </MoreMenu>
      )}
      <RemoveAndLeave
        name={name}
        words={t}
        remove={() => api.triggers.remove({ params: { id } })}
        listAt="/schedules/triggers"
        queryKey={['schedules', 'trigger', { params: { id } }]}
        open={asked === 'remove'}
        onClose={() => setAsked(null)}
      />
      {asked === 'fire' && <FireDialog trigger={trigger} onClose={() => setAsked(null)} />}
      <ConfirmDialog
        open={asked === 'renew'}
        onOpenChange={(isOpen) => {
          renew.reset()
          if (!isOpen) setAsked(null)
        }}
        title={t.renewTitle}
        description={t.renewText}
        confirmLabel={t.renewHook}
        isPending={renew.isPending}
        error={renew.error}
        onConfirm={() => renew.mutate()}
      />
      {hook && <HookShown hook={hook} onClose={() => setHook(null)} />}
    </>
  )
}
