import type { Fault } from './fault.ts'
import { randomKills } from './faults/kills.ts'

/** Everything that is broken here, in the order in which it is done. */
export const faults: readonly Fault[] = [randomKills]
