import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Action, Plan } from '../../contract/plans.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { Select } from '../ui/select.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'
import { namesToType, roomOf } from './choice.ts'
import { Room } from './room.tsx'

interface DecideProps {
  readonly plan: Plan
  readonly chosen: readonly Action[]
  readonly onClose: () => void
  readonly onDone: () => void
}

/** The last question before changes are made: what, where, what comes back, and names that have to be typed. */
export function ApproveDialog({ plan, chosen, onClose, onDone }: DecideProps) {
  const t = useMessages('plans')
  const queries = useQueryClient()
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const names = namesToType(chosen)
  const isReady = names.every(({ aid, name }) => typed[aid]?.trim() === name)
  const approve = useMutation({
    mutationFn: () =>
      api.plans.approve({
        params: { id: plan.id },
        body: {
          actions: chosen.map(({ aid }) => aid),
          typed: Object.fromEntries(names.map(({ aid, name }) => [aid, name])),
        },
      }),
    onSuccess: async (after) => {
      const waits = after.actions.some(
        ({ aid, state }) => state === 'second-person' && chosen.some((one) => one.aid === aid),
      )
      tellSuccess(waits ? t.secondToast : t.approvedToast)
      onDone()
      await queries.invalidateQueries({ queryKey: ['plans'] })
    },
    // Somebody else may have decided meanwhile: show how it stands now.
    onError: () => void queries.invalidateQueries({ queryKey: ['plans'] }),
  })
  const isDestructive = chosen.some(({ destructive }) => destructive)
  const room = roomOf(chosen)
  return (
    <ConfirmDialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      variant={isDestructive ? 'danger' : 'approve'}
      title={<span className="foreign">{t.confirmTitle(chosen.length, plan.nodeName)}</span>}
      description={t.confirmText}
      confirmLabel={t.approve(chosen.length)}
      isPending={approve.isPending}
      error={approve.error}
      onConfirm={() => isReady && approve.mutate()}
    >
      <ul className="max-h-56 list-disc space-y-1 overflow-y-auto ps-5">
        {chosen.map(({ aid, title, reversibility, destructive }) => (
          <li key={aid}>
            <span className="foreign">{title}</span>{' '}
            <span className={destructive ? 'font-medium text-status-fail' : 'text-muted-foreground'}>
              ({t.reversibility[reversibility]})
            </span>
          </li>
        ))}
      </ul>
      {room && (
        <p className="text-muted-foreground">
          <Room {...room} />
        </p>
      )}
      {isDestructive && <p className="text-pretty">{t.confirmDestructive}</p>}
      {names.map(({ aid, name }) => (
        <Field key={aid} label={<span className="foreign">{t.typeName(name)}</span>}>
          <Input
            mono
            value={typed[aid] ?? ''}
            spellCheck={false}
            autoCapitalize="none"
            onChange={(event) => setTyped({ ...typed, [aid]: event.target.value })}
          />
        </Field>
      ))}
    </ConfirmDialog>
  )
}

/** Says no, and why. */
export function RejectDialog({ plan, chosen, onClose, onDone }: DecideProps) {
  const t = useMessages('plans')
  const queries = useQueryClient()
  const [why, setWhy] = useState('')
  const [askAgain, setAskAgain] = useState('30')
  const reject = useMutation({
    mutationFn: () =>
      api.plans.reject({
        params: { id: plan.id },
        body: {
          actions: chosen.map(({ aid }) => aid),
          why,
          forDays: askAgain === 'never' ? null : Number(askAgain),
        },
      }),
    onSuccess: async () => {
      tellSuccess(t.rejectedToast)
      onDone()
      await queries.invalidateQueries({ queryKey: ['plans'] })
    },
    onError: () => void queries.invalidateQueries({ queryKey: ['plans'] }),
  })
  return (
    <ConfirmDialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      variant="primary"
      title={t.rejectTitle(chosen.length)}
      description={t.rejectText}
      confirmLabel={t.reject}
      isPending={reject.isPending}
      error={reject.error}
      onConfirm={() => reject.mutate()}
    >
      <Field label={t.rejectWhy}>
        <Input value={why} maxLength={300} onChange={(event) => setWhy(event.target.value)} />
      </Field>
      <Field label={t.rejectFor} hint={t.rejectForHint}>
        <Select value={askAgain} onChange={(event) => setAskAgain(event.target.value)}>
          <option value="0">{t.rejectNext}</option>
          {['30', '180'].map((days) => (
            <option key={days} value={days}>
              {t.rejectDays(days)}
            </option>
          ))}
          <option value="never">{t.rejectNever}</option>
        </Select>
      </Field>
    </ConfirmDialog>
  )
}

/** Starts a dry run of some changes: it decides nothing. */
export function useCheck(plan: Plan) {
  const t = useMessages('plans')
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (chosen: readonly Action[]) =>
      api.plans.approve({
        params: { id: plan.id },
        body: { actions: chosen.map(({ aid }) => aid), dryRun: true },
      }),
    onSuccess: () => {
      tellSuccess(t.checkedToast)
      return queries.invalidateQueries({ queryKey: ['plans'] })
    },
    onError: tellFailure,
  })
}
