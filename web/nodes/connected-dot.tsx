import { useMessages } from '../lib/messages.ts'

/** A connection to the node is open at this moment. */
export function ConnectedDot({ connected }: { readonly connected: boolean }) {
  const t = useMessages('nodes').list
  if (!connected) return null
  return (
    <span
      role="img"
      aria-label={t.connected}
      title={t.connected}
      className="size-2 shrink-0 rounded-full bg-status-ok"
    />
  )
}
