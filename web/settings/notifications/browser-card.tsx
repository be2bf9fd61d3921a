import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../lib/api.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { tellFailure, tellSuccess } from '../../ui/toaster.tsx'
import { notificationsQuery, pushKeyQuery } from '../queries.ts'
import { canBeWoken, subscribeBrowser, unsubscribeBrowser } from './wake.ts'

/** Whether this browser is woken by messages. Not shown while there is no channel for it. */
export function BrowserCard() {
  const t = useMessages('notifications')
  const queries = useQueryClient()
  const key = useQuery(pushKeyQuery)
  const [isDenied, setDenied] = useState(false)
  const refresh = () => queries.invalidateQueries({ queryKey: notificationsQuery.queryKey })
  const on = useMutation({
    mutationFn: async (publicKey: string) => {
      const subscription = await subscribeBrowser(publicKey)
      if (subscription) await api.notifications.subscribe({ body: subscription })
      return subscription !== null
    },
    onSuccess: (isOn) => {
      setDenied(!isOn)
      if (isOn) tellSuccess(t.browserIsOn)
    },
    onError: tellFailure,
    onSettled: refresh,
  })
  const off = useMutation({
    mutationFn: async () => {
      await unsubscribeBrowser()
      await api.notifications.unsubscribe()
    },
    onSuccess: () => tellSuccess(t.browserIsOff),
    onError: tellFailure,
    onSettled: refresh,
  })
  const publicKey = key.data?.publicKey
  if (!publicKey) return null
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.browser}</CardTitle>
        <p className="text-sm text-muted-foreground">{t.browserText}</p>
      </CardHeader>
      <CardContent className="space-y-3 pt-1">
        {!canBeWoken() && <p className="text-muted-foreground text-pretty">{t.browserUnable}</p>}
        {isDenied && <p className="text-status-fail text-pretty">{t.browserDenied}</p>}
        <div className="flex flex-wrap gap-2">
          {canBeWoken() && (
            <Button isLoading={on.isPending} onClick={() => on.mutate(publicKey)}>
              {t.browserOn}
            </Button>
          )}
          <Button variant="ghost" isLoading={off.isPending} onClick={() => off.mutate()}>
            {t.browserOff}
          </Button>
        </div>
      </CardContent>
    </Card>
  )
}
