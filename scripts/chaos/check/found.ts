import type { ExecutionState } from '../../../contract/execution-states.ts'

/** What a data folder holds, as it is read past the product. */
export interface Found {
  readonly executions: readonly FoundExecution[]
  readonly logs: ReadonlyMap<string, FoundLog>
  readonly schedules: readonly FoundSchedule[]
  readonly occurrences: readonly FoundOccurrence[]
  readonly calls: readonly {
    readonly day: string
    readonly agentId: string | null
    readonly charged: number
    readonly state: string
  }[]
  /** What is kept as charged, by day and agent. */
  readonly spend: ReadonlyMap<string, number>
  /** The number in the tag of the node; 0 when it has none. */
  readonly tag: number
  /** What SQLite says is damaged. */
  readonly damage: string | null
  /** What is wrong with the audit trail. */
  readonly audit: string | null
  /** Processes and folders on nodes that belong to executions which ended. */
  readonly left: readonly { readonly id: string; readonly what: string }[]
}

export interface FoundExecution {
  readonly id: string
  readonly agentId: string
  readonly batchId: string
  readonly mode: string
  readonly state: ExecutionState
  /** Kind of its outcome. */
  readonly outcome: string | null
  /** Code of what went wrong. */
  readonly problem: string | null
  readonly startedBy: string
  readonly finishedAt: string | null
  readonly logLines: number
  readonly cancelRequestedBy: string | null
  readonly hasReport: boolean
  readonly journal: readonly { readonly seq: number; readonly step: string }[]
}

export interface FoundLog {
  readonly seqs: readonly number[]
  /** What the agent itself printed. */
  readonly printed: readonly string[]
  readonly hasTorn: boolean
}

export interface FoundSchedule {
  readonly id: string
  /** Null for one that follows no interval. */
  readonly everyMs: number | null
  readonly fromMs: number
  readonly nextAt: string | null
}

export interface FoundOccurrence {
  readonly scheduleId: string
  readonly at: string
  readonly state: string
  readonly count: number
  readonly batchId: string | null
}

/** What those who used the server were told, and what nodes and the model saw. */
export interface Known {
  readonly runs: ReadonlyMap<string, { readonly count: number }>
  readonly cancels: readonly string[]
  readonly schedules: readonly string[]
  /** Changes of the tag of a node, each to a number of its own. */
  readonly changes: readonly KnownChange[]
  /** Ids of executions, once for each time that the agent of one began on a node. */
  readonly marks: readonly string[]
  /** Questions that reached the model. */
  readonly callsMade: number
}

/** A change as those saw it who asked for it; moments are counted over all that they did. */
export interface KnownChange {
  readonly number: number
  readonly askedAt: number
  /** From when on it cannot be done any more: it was answered, or its server is gone. Null while nobody knows. */
  readonly overAt: number | null
  readonly isAcknowledged: boolean
}
