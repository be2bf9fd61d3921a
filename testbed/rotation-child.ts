import type { OpenDatabase } from '../server/db/open.ts'
import { createHouse } from '../server/house.ts'
import { createLogger } from '../server/lib/logger.ts'
import { Secret } from '../server/lib/secret.ts'
import { testConfig } from './house.ts'

/**
 * A server that changes its master key in a process of its own, and kills itself on the way:
 * `node rotation-child.ts FOLDER TO [before|after NUMBER | file NUMBER]`. Numbers count the transactions of the change,
 * and its steps with key files, from 1. Without one it comes to the end and prints how many of each there were.
 */
const [folder = '', to, what, number] = process.argv.slice(2)
const at = Number(number)
let writes = 0
let steps = 0
let isChanging = false

const die = () => process.kill(process.pid, 'SIGKILL')

const deadly = (db: OpenDatabase): OpenDatabase => ({
  ...db,
  write: async (work) => {
    if (!isChanging) return db.write(work)
    const mine = ++writes
    const result = await db.write(async (tx) => {
      const done = await work(tx)
      if (what === 'before' && mine === at) die()
      return done
    })
    if (what === 'after' && mine === at) die()
    return result
  },
})

const { MASTER_KEY_FILE = '', NEW_PASSPHRASE = '' } = process.env
const house = await createHouse(testConfig(folder, { MASTER_KEY_FILE }), {
  logger: createLogger('silent'),
  database: deadly,
  onKeyStep: () => {
    if (isChanging && ++steps === at && what === 'file') die()
  },
})
isChanging = true
await house.rotation.begin(
  {
    to: to === 'passphrase' ? 'passphrase' : to === 'generated' ? 'generated' : null,
    passphrase: to === 'passphrase' ? new Secret(NEW_PASSPHRASE) : null,
  },
  house.localActor,
)
await house.rotation.settled()
isChanging = false
process.stdout.write(`${JSON.stringify({ writes, steps })}\n`)
await house.stop()
