import { createHash } from 'node:crypto'
import type { Trouble } from './store.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** How long an answer counts: between these, a little different for each name, so that not all fall due at once. */
export const freshMs = { least: 6 * hourMs, most: 24 * hourMs } as const
/** How long a registry that wants to be left alone is left alone: as long as it says, within bounds. */
const pauseMs = { least: minuteMs, usual: hourMs, most: 12 * hourMs } as const

/** How long until a name is looked up again that was answered, or why it was not. */
export function restMs(key: string, trouble: Trouble | null): number {
  switch (trouble) {
    case null:
      return freshMs.least + shareOf(key) * (freshMs.most - freshMs.least)
    case 'closed':
      return freshMs.least
    // Somebody may just be pushing it anew.
    case 'gone':
      return hourMs
    // It may have been allowed by name meanwhile; refusing it costs nothing.
    case 'refused':
      return 0
    case 'failed':
    case 'busy':
      return 15 * minuteMs
  }
}

/** How long a registry is left alone after it said that it is asked too often. */
export const restOfHostMs = (retryAfterS: number | null): number =>
  retryAfterS === null ? pauseMs.usual : Math.min(pauseMs.most, Math.max(pauseMs.least, retryAfterS * 1_000))

/** Between 0 and 1, always the same for the same name. */
const shareOf = (key: string): number => createHash('sha256').update(key).digest().readUInt32BE() / 2 ** 32
