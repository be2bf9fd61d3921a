import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import type { ScheduleConflict, ScheduleConflicts } from '../../contract/schedules.ts'
import { useCan } from '../account/use-session.ts'
import { api } from '../lib/api.ts'
import { formatDateTime, formatMoney, formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import { conflictsQuery } from './queries.ts'
import { useSentence } from './words.ts'

/** Conflicts that are shown before somebody asks for all. */
const mostShown = 4

/** What is in each other's way, with a way out. Draws nothing while there is nothing. */
export function ConflictsCard() {
  const t = useMessages('schedules')
  const mayWrite = useCan('schedule.write')
  const found = useQuery(conflictsQuery(null)).data
  const [isAsked, setAsked] = useState(false)
  if (!found || found.conflicts.length === 0) return null
  const { conflicts, moves } = found
  return (
    <Card aria-label={t.conflicts} className="mb-3">
      <CardHeader className="flex-row flex-wrap items-center justify-between gap-2">
        <CardTitle>{t.conflicts}</CardTitle>
        {mayWrite && moves.length > 0 && (
          <Button size="sm" variant="secondary" onClick={() => setAsked(true)}>
            {t.spreadThem}
          </Button>
        )}
      </CardHeader>
      <CardContent>
        <ConflictList conflicts={conflicts} />
      </CardContent>
      {isAsked && <SpreadDialog moves={moves} onClose={() => setAsked(false)} />}
    </Card>
  )
}

export function ConflictList({ conflicts }: { readonly conflicts: readonly ScheduleConflict[] }) {
  const t = useMessages('schedules')
  const [isWhole, setWhole] = useState(false)
  const shown = isWhole ? conflicts : conflicts.slice(0, mostShown)
  return (
    <>
      <ul className="grid gap-2">
        {shown.map((conflict, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they have nothing else to be told apart by
          <li key={place} className="flex gap-2 text-sm text-pretty">
            <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-status-missed" />
            <span className="min-w-0 foreign">
              <ConflictWords conflict={conflict} />
            </span>
          </li>
        ))}
      </ul>
      {shown.length < conflicts.length && (
        <Button size="sm" variant="ghost" className="mt-2" onClick={() => setWhole(true)}>
          {t.moreConflicts(conflicts.length - shown.length)}
        </Button>
      )}
    </>
  )
}

function ConflictWords({ conflict }: { readonly conflict: ScheduleConflict }) {
  const t = useMessages('schedules')
  const names = conflict.schedules.map(({ id, name }) => (id === null ? t.thisOne : name))
  const at = formatDateTime(conflict.at)
  switch (conflict.kind) {
    case 'overlap':
      return t.conflict.overlap(
        names.join(t.and),
        conflict.nodes.join(', '),
        at,
        conflict.times,
        formatNumber(conflict.times),
      )
    case 'pile-up':
      return t.conflict.pileUp(names.length, at, names.join(', '))
    case 'budget':
      return t.conflict.budget[conflict.limit](
        formatMoney(conflict.likelyNanoUsd),
        formatMoney(conflict.limitNanoUsd),
        at,
      )
  }
}

/** Shows the other times first; they are given by a click. */
function SpreadDialog({
  moves,
  onClose,
}: {
  readonly moves: ScheduleConflicts['moves']
  readonly onClose: () => void
}) {
  const t = useMessages('schedules')
  const queries = useQueryClient()
  const sentence = useSentence()
  // What is shown is what is sent, whatever is found meanwhile.
  const [shown] = useState(moves)
  const spread = useMutation({
    mutationFn: () =>
      api.schedules.spread({
        body: { moves: shown.map(({ id, before, after }) => ({ id, before, after })) },
      }),
    onSuccess: ({ changed }) => {
      tellSuccess(t.spreadDone(changed))
      onClose()
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['schedules'] }),
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t.spreadTitle}
      description={t.spreadText}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button isLoading={spread.isPending} onClick={() => spread.mutate()}>
            {t.spreadApply(shown.length)}
          </Button>
        </>
      }
    >
      <ul className="divide-y divide-border">
        {shown.map(({ id, name, zone, before, after }) => (
          <li key={id} className="py-2">
            <bdi className="block font-medium foreign">{name}</bdi>
            <span className="block text-sm text-muted-foreground">
              <s>{sentence({ timing: before, zone })}</s>
            </span>
            <span className="block text-sm">{sentence({ timing: after, zone })}</span>
          </li>
        ))}
      </ul>
      {spread.isError && <ErrorPanel error={spread.error} isCompact />}
    </Dialog>
  )
}
