import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Channel, NotificationRules } from '../../../contract/notifications.ts'
import { ApiError, api } from '../../lib/api.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { tellSuccess } from '../../ui/toaster.tsx'
import { notificationsQuery } from '../queries.ts'
import { RoutesCard } from './routes-card.tsx'
import { TimesCard } from './times-card.tsx'

interface RulesFormProps {
  readonly rules: NotificationRules
  readonly channels: readonly Channel[]
  readonly nextReportAt: string | null
  readonly mayChange: boolean
}

/** What goes where and when; saved together, since one without the other says little. */
export function RulesForm({ rules, channels, nextReportAt, mayChange }: RulesFormProps) {
  const t = useMessages('notifications')
  const ui = useMessages('ai')
  const queries = useQueryClient()
  const [draft, setDraft] = useState(rules)
  const isDirty = JSON.stringify(draft) !== JSON.stringify(rules)
  const isWhole = draft.routes.every(({ kinds, channelIds }) => kinds.length > 0 && channelIds.length > 0)
  const save = useMutation({
    mutationFn: () => api.notifications.setRules({ body: draft }),
    onSuccess: (saved) => {
      setDraft(saved)
      tellSuccess(t.saved)
    },
    onSettled: () => queries.invalidateQueries({ queryKey: notificationsQuery.queryKey }),
  })
  const issues = save.error instanceof ApiError ? save.error.issues : []
  const change = (part: Partial<NotificationRules>) => setDraft((before) => ({ ...before, ...part }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isDirty && isWhole && !save.isPending) save.mutate()
  }
  return (
    <form noValidate onSubmit={submit} className="space-y-4">
      <fieldset disabled={!mayChange} className="min-w-0 space-y-4">
        <RoutesCard
          routes={draft.routes}
          channels={channels}
          mayChange={mayChange}
          onChange={(routes) => change({ routes })}
        />
        <TimesCard
          rules={draft}
          channels={channels}
          nextReportAt={nextReportAt}
          issues={issues}
          isDirty={isDirty}
          mayChange={mayChange}
          onChange={change}
        />
      </fieldset>
      {save.isError && issues.length === 0 && <ErrorPanel error={save.error} isCompact />}
      {isDirty && (
        <div className="flex flex-wrap items-center justify-end gap-2">
          {!isWhole && <p className="text-sm text-status-fail">{t.routeNeeds}</p>}
          <Button variant="ghost" onClick={() => setDraft(rules)}>
            {ui.discard}
          </Button>
          <Button type="submit" variant="primary" disabled={!isWhole} isLoading={save.isPending}>
            {t.saveRules}
          </Button>
        </div>
      )}
    </form>
  )
}
