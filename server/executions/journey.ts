import type { CatalogueEntry } from '../agents/catalogue.ts'
import type { Visit } from '../ssh/launch.ts'
import type { PoolLease } from '../ssh/pool.ts'
import type { LogWriter } from './log.ts'
import type { StopSignal } from './queue.ts'
import type { StoredExecution } from './store.ts'
import type { Transcript } from './transcript.ts'

/** One execution under way: what its steps share. */
export interface Journey {
  readonly execution: StoredExecution
  readonly entry: CatalogueEntry
  readonly log: LogWriter
  readonly stop: StopSignal
  readonly transcript: Transcript
  /** How long the run goes on without this server, seconds; 0: it stops at once. */
  readonly leaseS: number
  /** Whether the agent was heard of, now or before a restart of this server. */
  hasStarted: boolean
  /** Whether it may be on its node. */
  isSent: boolean
  /** Whether it was sent or joined more than once: somebody else may still listen to it there. */
  isBroken: boolean
}

/** Being with a run on its node. */
export interface Presence {
  readonly visit: Visit
  readonly lease: PoolLease
}
