import { rotationSteps } from '../../contract/key-terms.ts'
import type { KeyRotation } from '../../contract/keys.ts'

export type StepState = 'done' | 'now' | 'stuck' | 'todo'
export type ShownStep = (typeof rotationSteps)[number]

/** The eight steps as a list; empty for a rotation that was taken back, of which none counts. */
export function toProgress({
  step,
  problem,
  waitsForPerson,
}: KeyRotation): { step: ShownStep; state: StepState }[] {
  if (step === 'undo' || step === 'undone') return []
  const at = step === 'done' ? rotationSteps.length : rotationSteps.indexOf(step)
  const state = problem || waitsForPerson ? 'stuck' : 'now'
  return rotationSteps.map((one, place) => ({
    step: one,
    state: place < at ? 'done' : place === at ? state : 'todo',
  }))
}

/** Whether a rotation can be taken back: from the removal of the old line on there is no way but forward. */
export const canCancel = ({ step }: KeyRotation): boolean =>
  ['make', 'append', 'try', 'activate', 'grace'].includes(step)

/** Whether a person has to look: something is to be done by hand, or went wrong. */
export const isStuck = ({ problem, waitsForPerson, step }: KeyRotation): boolean =>
  waitsForPerson || (problem !== null && problem.code !== 'key.cancelled' && step !== 'done')
