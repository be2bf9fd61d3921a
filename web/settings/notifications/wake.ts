import type { PushSubscription as Wanted } from '../../../contract/notifications.ts'
import { findWorker, startWorker } from '../../lib/worker.ts'

/** Over plain HTTP, and in a tab of an iPhone, there is no way. */
export const canBeWoken = (): boolean =>
  isSecureContext && 'serviceWorker' in navigator && 'PushManager' in globalThis

/** Asks the person and the browser; null when one of them said no. */
export async function subscribeBrowser(publicKey: string): Promise<Wanted | null> {
  if ((await Notification.requestPermission()) !== 'granted') return null
  const registration = await startWorker()
  await navigator.serviceWorker.ready
  // A private window says no here, and so does a browser whose push service is switched off.
  const subscription = await registration.pushManager
    .subscribe({ userVisibleOnly: true, applicationServerKey: publicKey })
    .catch(() => null)
  if (!subscription) return null
  const { endpoint, keys } = subscription.toJSON()
  const { p256dh, auth } = keys ?? {}
  return endpoint && p256dh && auth ? { endpoint, keys: { p256dh, auth } } : null
}

export async function unsubscribeBrowser(): Promise<void> {
  if (!canBeWoken()) return
  const registration = await findWorker()
  const subscription = await registration?.pushManager.getSubscription()
  await subscription?.unsubscribe()
}
