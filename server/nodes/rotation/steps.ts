import type { Problem } from '../../../contract/errors.ts'
import { graceHours, graceRuns } from '../../../contract/key-terms.ts'
import type { RotationStep, RotationStrategy } from '../../../contract/keys.ts'

/**
 * A rotation stands at the step that is to be done next, and every step may be done twice, so a server that dies begins
 * the same step again:
 *
 * `make` a new pair → `append` its line over the old login → `try` the new key over a second connection → `activate` it
 * → `grace`, until the new one has proved itself → `remove` exactly the old line → `verify` that the old key is refused
 * and the new one is not → `record` → `done`.
 *
 * Up to `grace` whatever goes wrong leads to `undo`: the old key is in force, the new line goes → `undone`. From
 * `remove` on there is no way back but forward: the new key is known to work, and trouble waits at its step.
 */
export interface Rotation {
  readonly step: RotationStep
  readonly strategy: RotationStrategy | null
  readonly waitsForPerson: boolean
  readonly problem: Problem | null
  readonly retryAt: string | null
  readonly attempts: number
  readonly activatedAt: string | null
  readonly goodRuns: number
}

/** What came of doing a step. */
export type Happening =
  | { readonly kind: 'done'; readonly strategy?: RotationStrategy }
  /** A person has to change the file; nothing was changed. */
  | { readonly kind: 'by-hand'; readonly problem: Problem | null }
  /** The node says no, and will say so again. */
  | { readonly kind: 'refused'; readonly problem: Problem }
  /** It may go better later: the node was not reached, or somebody else was at the file. */
  | { readonly kind: 'troubled'; readonly problem: Problem }
  /** The key that was to stay no longer opens the node. */
  | { readonly kind: 'new-lost'; readonly problem: Problem }
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'cancelled'; readonly problem: Problem }

const minuteMs = 60_000
/** How long to wait after the first, the second, … attempt in a row that met trouble. */
const delaysMs = [1, 5, 15, 60, 360].map((minutes) => minutes * minuteMs)

const onward: Partial<Record<RotationStep, RotationStep>> = {
  make: 'append',
  append: 'try',
  try: 'activate',
  activate: 'grace',
  grace: 'remove',
  remove: 'verify',
  verify: 'record',
  record: 'done',
  undo: 'undone',
}

export const isEnded = ({ step }: Pick<Rotation, 'step'>): boolean => step === 'done' || step === 'undone'

/** The old key is in force, and taking the new one away is all it takes. */
const canUndo = (step: RotationStep): boolean => ['make', 'append', 'try', 'activate', 'grace'].includes(step)

/** Where a rotation stands after something happened to it. */
export function after(rotation: Rotation, happening: Happening, now: Date): Rotation {
  const { step, strategy } = rotation
  const moved = { ...rotation, waitsForPerson: false, retryAt: null, attempts: 0 }
  switch (happening.kind) {
    case 'done': {
      const next = { ...moved, step: onward[step] ?? step, strategy: happening.strategy ?? strategy }
      if (step === 'activate') return { ...next, problem: null, activatedAt: now.toISOString(), goodRuns: 0 }
      // Why it was undone is what a person wants to read afterwards.
      return step === 'undo' ? next : { ...next, problem: null }
    }
    case 'by-hand':
      return {
        ...moved,
        strategy: step === 'append' ? 'manual' : strategy,
        waitsForPerson: true,
        problem: happening.problem,
      }
    case 'refused':
      return refused(rotation, happening.problem)
    case 'troubled': {
      const delayMs = delaysMs[Math.min(rotation.attempts, delaysMs.length - 1)] ?? minuteMs
      return {
        ...rotation,
        waitsForPerson: false,
        // An undo keeps the reason it was begun for.
        problem: step === 'undo' ? (rotation.problem ?? happening.problem) : happening.problem,
        attempts: rotation.attempts + 1,
        retryAt: new Date(now.getTime() + delayMs).toISOString(),
      }
    }
    case 'new-lost':
      return { ...moved, step: 'undo', problem: happening.problem }
    case 'confirmed':
      // At `append` the next thing to do is to see whether the line works; at `remove`, whether the old one is gone.
      return rotation.waitsForPerson ? { ...moved, step: onward[step] ?? step, problem: null } : rotation
    case 'cancelled':
      return canUndo(step) ? { ...moved, step: 'undo', problem: happening.problem } : rotation
  }
}

function refused(rotation: Rotation, problem: Problem): Rotation {
  const { step, strategy } = rotation
  const settled = { ...rotation, waitsForPerson: false, retryAt: null, attempts: 0, problem }
  switch (step) {
    case 'try':
      // Who pasted a line can paste it again, and better.
      return strategy === 'manual'
        ? { ...settled, step: 'append', waitsForPerson: true }
        : { ...settled, step: 'undo' }
    case 'remove':
      return { ...settled, waitsForPerson: true }
    case 'verify':
      return { ...settled, step: 'remove', waitsForPerson: true }
    case 'undo':
      return { ...settled, step: 'undone', problem: rotation.problem ?? problem }
    default:
      return { ...settled, step: canUndo(step) ? 'undo' : step }
  }
}

/** Whether there is something to do now. */
export function isDue(rotation: Rotation, now: Date): boolean {
  if (isEnded(rotation) || rotation.waitsForPerson) return false
  if (rotation.retryAt !== null && Date.parse(rotation.retryAt) > now.getTime()) return false
  return rotation.step !== 'grace' || isProven(rotation, now)
}

function isProven({ goodRuns, activatedAt }: Rotation, now: Date): boolean {
  if (goodRuns >= graceRuns) return true
  return activatedAt !== null && now.getTime() >= Date.parse(graceEnd(activatedAt))
}

/** Until when the old key stays, however few runs there are. */
export const graceEnd = (activatedAt: string): string =>
  new Date(Date.parse(activatedAt) + graceHours * 3_600_000).toISOString()
