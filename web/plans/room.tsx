import { formatBytes } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'

interface RoomProps {
  readonly least: number
  readonly most: number
}

/** An amount of room between two bounds, in words. */
export function Room({ least, most }: RoomProps) {
  const t = useMessages('plans')
  const words =
    least === most
      ? t.about(formatBytes(most))
      : least === 0
        ? t.upTo(formatBytes(most))
        : t.between(formatBytes(least), formatBytes(most))
  return <span className="tabular-nums">{words}</span>
}
