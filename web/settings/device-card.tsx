import { useEffect, useState } from 'react'
import { useMessages } from '../lib/messages.ts'
import { setPreferences, usePreferences } from '../lib/preferences.ts'
import { canHaveWorker } from '../lib/worker.ts'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { Switch } from '../ui/checkbox.tsx'
import { installWay } from './install-way.ts'

/** What a browser hands out that would install the page; of Chromium alone. */
interface Offer extends Event {
  prompt(): Promise<void>
  readonly userChoice: Promise<{ readonly outcome: 'accepted' | 'dismissed' }>
}

declare global {
  /** Kept by boot.js; good for one time. */
  var carlInstall: Offer | undefined
}

/** The dashboard as an app of this device, and what it keeps there. */
export function DeviceCard() {
  const t = useMessages('offline')
  const { keepsState } = usePreferences()
  const canKeep = canHaveWorker()
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.device}</CardTitle>
        <p className="text-sm text-muted-foreground">{t.deviceText}</p>
      </CardHeader>
      <CardContent className="space-y-4 pt-1">
        <Install />
        {canKeep ? (
          <Switch
            label={<span className="font-medium">{t.keeps}</span>}
            hint={t.keepsHint}
            checked={keepsState}
            onChange={({ target }) => setPreferences({ keepsState: target.checked })}
          />
        ) : (
          <p className="text-muted-foreground text-pretty">{t.keepsUnable}</p>
        )}
      </CardContent>
    </Card>
  )
}

function Install() {
  const t = useMessages('offline')
  const [offer, setOffer] = useState(globalThis.carlInstall)
  const [isAccepted, setAccepted] = useState(false)
  useEffect(() => {
    // boot.js has heard it before.
    const onOffer = () => setOffer(globalThis.carlInstall)
    addEventListener('beforeinstallprompt', onOffer)
    return () => removeEventListener('beforeinstallprompt', onOffer)
  }, [])
  const way = installWay({
    isApp: matchMedia('(display-mode: standalone)').matches,
    hasOffer: offer !== undefined,
    isSecure: isSecureContext,
    userAgent: navigator.userAgent,
    touchPoints: navigator.maxTouchPoints,
  })
  async function install(): Promise<void> {
    await offer?.prompt()
    const choice = await offer?.userChoice
    globalThis.carlInstall = undefined
    setOffer(undefined)
    setAccepted(choice?.outcome === 'accepted')
  }
  return (
    <div role="status" className="space-y-3">
      <p className="text-pretty">
        {isAccepted ? t.installing : way === 'installed' ? t.installed : t.ways[way]}
      </p>
      {way === 'offer' && <Button onClick={() => void install()}>{t.install}</Button>}
    </div>
  )
}
