import type { Fault } from './fault.ts'
import { damagedPages, databaseLocked, logMissing, twoServers } from './faults/database.ts'
import { clockJumps } from './faults/clock.ts'
import { diskFull, nodeDiskFull } from './faults/full.ts'
import { randomKills } from './faults/kills.ts'
import { linkLossy, linkReset, linkSilent, linkSlow } from './faults/links.ts'
import { failingSync, hostileAgent, memoryShort } from './faults/machine.ts'
import { powerCut, readOnly } from './faults/power.ts'
import { stalledSockets } from './faults/sockets.ts'

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
  failingSync,
  memoryShort,
  linkSilent,
  linkReset,
  linkSlow,
  linkLossy,
  stalledSockets,
  hostileAgent,
  clockJumps,
]
