import { reminderDays } from '../../../contract/key-terms.ts'
import type { NodeKey } from '../../../contract/keys.ts'

const dayMs = 86_400_000

interface Life {
  /** Since when the key is in force; null where there is none that could be renewed. */
  readonly since: string | null
  /** Days a key lives; 0 when keys are not renewed. */
  readonly days: number
}

/** When a key is due, and how near that is. */
export function lifeOf({ since, days }: Life, now: Date): Pick<NodeKey, 'dueAt' | 'standing'> {
  if (since === null) return { dueAt: null, standing: 'none' }
  if (days === 0) return { dueAt: null, standing: 'off' }
  const dueMs = Date.parse(since) + days * dayMs
  const leftMs = dueMs - now.getTime()
  const standing = leftMs <= 0 ? 'overdue' : leftMs <= reminderDays * dayMs ? 'soon' : 'fresh'
  return { dueAt: new Date(dueMs).toISOString(), standing }
}

/** Whether the server renews a key by itself. What may open more than our nodes is left to a person. */
export function isForTheServer(
  key: NodeKey,
  { mode, isPaused }: { mode: 'remind' | 'automatic'; isPaused: boolean },
  now: Date,
): boolean {
  if (mode !== 'automatic' || isPaused || key.standing !== 'overdue') return false
  if (key.cannotRotate !== null || key.isUploaded) return false
  const { rotation } = key
  if (!rotation) return true
  if (rotation.endedAt === null) return false
  // What was undone is tried again a day later: by then somebody may have seen to it.
  return rotation.step === 'done' || now.getTime() - Date.parse(rotation.endedAt) >= dayMs
}
