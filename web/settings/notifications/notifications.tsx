import { useQuery } from '@tanstack/react-query'
import { useCan } from '../../account/use-session.ts'
import { useMessages } from '../../lib/messages.ts'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { notificationsQuery } from '../queries.ts'
import { BrowserCard } from './browser-card.tsx'
import { ChannelList } from './channel-list.tsx'
import { Deliveries } from './deliveries.tsx'
import { RulesForm } from './rules-form.tsx'
import { WidgetsCard } from './widgets-card.tsx'

/** Being told: where messages go, what goes where and when, and what became of them. */
export function NotificationSettings() {
  const t = useMessages('notifications')
  const mayChange = useCan('notification.write')
  const state = useQuery(notificationsQuery)
  if (state.isPending) return <SkeletonRows rows={8} />
  if (state.isError) return <ErrorPanel error={state.error} onRetry={() => void state.refetch()} />
  const { channels, rules, browsers, canLink, nextReportAt } = state.data
  return (
    <div className="space-y-4">
      <p className="max-w-prose text-muted-foreground text-pretty">{t.text}</p>
      {!mayChange && <p className="text-muted-foreground">{t.readOnly}</p>}
      {!canLink && channels.length > 0 && <p className="text-sm text-muted-foreground">{t.noAddress}</p>}
      <ChannelList channels={channels} browsers={browsers} mayChange={mayChange} />
      <RulesForm
        // Somebody else changed them, or a channel is gone: what is drawn must be what holds.
        key={JSON.stringify(rules)}
        rules={rules}
        channels={channels}
        nextReportAt={nextReportAt}
        mayChange={mayChange}
      />
      <BrowserCard />
      <Deliveries mayChange={mayChange} />
      <WidgetsCard />
    </div>
  )
}
