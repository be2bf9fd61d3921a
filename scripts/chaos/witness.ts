import type { ExecutionId, ScheduleId } from '../../contract/ids.ts'
import type { KnownChange } from './check/found.ts'

/** Keeps what a server acknowledged, to hold it against what is there after a fault. */
export function createWitness() {
  const runs = new Map<string, { readonly count: number }>()
  const cancels: string[] = []
  const schedules: string[] = []
  const changes: KnownChange[] = []
  /** Counts what happens, in its order. */
  let moment = 0

  /** The next number to write into a tag; a write that dies may or may not be kept. */
  function askChange(): number {
    changes.push({ number: changes.length + 1, askedAt: ++moment, overAt: null, isAcknowledged: false })
    return changes.length
  }

  /** Its server has answered: it is kept, or it was refused. */
  function endChange(number: number, isAcknowledged: boolean): void {
    const change = changes[number - 1]
    if (change) changes[number - 1] = { ...change, overAt: ++moment, isAcknowledged }
  }

  /** Another server begins: what nobody answered until now cannot be done any more. */
  function serverBegins(): void {
    for (const { number, overAt } of changes) if (overAt === null) endChange(number, false)
  }

  return {
    runs,
    cancels,
    schedules,
    changes,
    started: (id: ExecutionId, count: number): void => void runs.set(id, { count }),
    cancelled: (id: ExecutionId): void => void cancels.push(id),
    scheduled: (id: ScheduleId): void => void schedules.push(id),
    askChange,
    endChange,
    serverBegins,
  }
}
export type Witness = ReturnType<typeof createWitness>
