/** How a dashboard becomes an app of its own here. */
export type InstallWay = 'installed' | 'offer' | 'ios' | 'mac' | 'menu' | 'insecure'

interface Seen {
  /** The page stands in a window of its own already. */
  readonly isApp: boolean
  /** The browser has offered to install it. */
  readonly hasOffer: boolean
  readonly isSecure: boolean
  readonly userAgent: string
  /** An iPad says that it is a Mac; no Mac has a screen to touch. */
  readonly touchPoints: number
}

export function installWay({ isApp, hasOffer, isSecure, userAgent, touchPoints }: Seen): InstallWay {
  if (isApp) return 'installed'
  if (hasOffer) return 'offer'
  if (!isSecure) return 'insecure'
  const isMac = /Macintosh/.test(userAgent)
  if (/iPhone|iPad/.test(userAgent) || (isMac && touchPoints > 1)) return 'ios'
  return isMac && /Version\/\S+ Safari/.test(userAgent) ? 'mac' : 'menu'
}
