import type { ExecutionId, ScheduleId } from '../../contract/ids.ts'

/** Keeps what a server acknowledged, to hold it against what is there after a fault. */
export function createWitness() {
  const runs = new Map<string, { readonly count: number }>()
  const cancels: string[] = []
  const schedules: string[] = []
  let tagAsked = 0
  let tagAcknowledged = 0
  return {
    runs,
    cancels,
    schedules,
    started: (id: ExecutionId, count: number): void => void runs.set(id, { count }),
    cancelled: (id: ExecutionId): void => void cancels.push(id),
    scheduled: (id: ScheduleId): void => void schedules.push(id),
    /** The next number to write into a tag; a write that dies may or may not be kept. */
    askTag: (): number => ++tagAsked,
    acknowledgeTag: (number: number): void => {
      tagAcknowledged = Math.max(tagAcknowledged, number)
    },
    get tagAsked() {
      return tagAsked
    },
    get tagAcknowledged() {
      return tagAcknowledged
    },
  }
}
export type Witness = ReturnType<typeof createWitness>
