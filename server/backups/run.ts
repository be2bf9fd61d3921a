import type { BackupPlaceId } from '../../contract/ids.ts'
import type { BackupRun } from '../../contract/own-backups.ts'
import type { StepHeard } from './make.ts'

/** A piece of work that is under way, and the means to call it off. */
export interface Run {
  readonly work: BackupRun['work']
  readonly startedAt: string
  readonly leaving: AbortController
  step: BackupRun['step']
  done: number
  total: number
  placeId: BackupPlaceId | null
}

/** Keeps how far a run is. */
export const hearing =
  (run: Run): StepHeard =>
  (step, done, total) =>
    void Object.assign(run, { step, done, total })

export const toShown = ({ leaving, ...run }: Run): BackupRun => ({
  ...run,
  isCancelled: leaving.signal.aborted,
})
