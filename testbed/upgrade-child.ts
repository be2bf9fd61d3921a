import { openDatabase } from '../server/db/open.ts'
import { systemClock } from '../server/lib/clock.ts'
import { createLogger } from '../server/lib/logger.ts'

/** Opens a data folder with this version and kills itself at a step of the upgrade: `node upgrade-child.ts FOLDER STEP`. */
const [folder = '', deadly] = process.argv.slice(2)
const db = await openDatabase({
  folder,
  clock: systemClock,
  logger: createLogger('silent'),
  allowNetworkStorage: true,
  appVersion: '9.9.9',
  onUpgradeStep: (step) => {
    if (step === deadly) process.kill(process.pid, 'SIGKILL')
  },
})
await db.close()
