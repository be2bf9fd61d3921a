import type { Fault } from './fault.ts'
import { damagedPages, databaseLocked, logMissing, twoServers } from './faults/database.ts'
import { diskFull, nodeDiskFull } from './faults/full.ts'
import { randomKills } from './faults/kills.ts'
import { powerCut, readOnly } from './faults/power.ts'

/** Everything that is broken here, in the order in which it is done. */
export const faults: readonly Fault[] = [
  randomKills,
  powerCut,
  diskFull,
  nodeDiskFull,
  readOnly,
  databaseLocked,
  damagedPages,
  logMissing,
  twoServers,
]
