import { formatNumber } from '../../lib/format.ts'

/** A time since the start that lines up from line to line: `+4.210`, `+2:04.210`, `+1:02:04.210`. */
export function formatElapsed(ms: number): string {
  const sign = ms < 0 ? '−' : '+'
  const all = Math.abs(Math.round(ms))
  const hours = Math.floor(all / 3_600_000)
  const minutes = Math.floor(all / 60_000) % 60
  const seconds = Math.floor(all / 1_000) % 60
  const point = formatNumber(1.5, 1).charAt(1)
  const tail = `${point}${String(all % 1_000).padStart(3, '0')}`
  if (hours > 0) return `${sign}${hours}:${two(minutes)}:${two(seconds)}${tail}`
  return minutes > 0 ? `${sign}${minutes}:${two(seconds)}${tail}` : `${sign}${seconds}${tail}`
}

const two = (value: number): string => String(value).padStart(2, '0')
