import { isFinal } from '../../contract/executions.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import type { Logs } from './log.ts'
import type { ExecutionStore } from './store.ts'

interface ReadLogTools {
  readonly store: Pick<ExecutionStore, 'find'>
  readonly logs: Pick<Logs, 'read' | 'isWritten'>
}

/**
 * Reads a log, knowing of its execution: the end of an execution is stored before that of its log, so a crash in between
 * leaves a log that never says it is complete. Nobody will add to it all the same.
 */
export function createReadLog({ store, logs }: ReadLogTools): Logs['read'] {
  return async function readLog(id: ExecutionId, ...range) {
    const wasWritten = logs.isWritten(id)
    const found = await logs.read(id, ...range)
    if (found.complete || wasWritten) return found
    const execution = await store.find(id)
    return { ...found, complete: execution !== undefined && isFinal(execution.state) && !logs.isWritten(id) }
  }
}
