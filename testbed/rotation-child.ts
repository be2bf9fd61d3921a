import { localActor } from '../server/auth/person.ts'
import type { OpenDatabase } from '../server/db/open.ts'
import { createHouse, type Unsealed } from '../server/house.ts'
import { createLogger } from '../server/lib/logger.ts'
import { Secret } from '../server/lib/secret.ts'
import { createKeyFolder } from '../server/vault/keys/folder.ts'
import { openKeyFiles } from '../server/vault/keys/passphrase.ts'
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

const { MASTER_KEY_FILE = '', OLD_PASSPHRASE, NEW_PASSPHRASE = '' } = process.env

/** What the passphrase of before opens. */
async function unsealed(): Promise<Unsealed | undefined> {
  if (OLD_PASSPHRASE === undefined) return undefined
  const keys = await openKeyFiles(await createKeyFolder(folder).read(), new Secret(OLD_PASSPHRASE))
  return { keys, by: localActor, refused: 0 }
}

const overrides = {
  logger: createLogger('silent'),
  database: deadly,
  onKeyStep: () => {
    if (isChanging && ++steps === at && what === 'file') die()
  },
}
const house = await createHouse(testConfig(folder, { MASTER_KEY_FILE }), overrides, await unsealed())
isChanging = true
await house.masterKeyRotation.begin(
  {
    to: to === 'passphrase' ? 'passphrase' : to === 'generated' ? 'generated' : null,
    passphrase: to === 'passphrase' ? new Secret(NEW_PASSPHRASE) : null,
  },
  house.localActor,
)
await house.masterKeyRotation.settled()
isChanging = false
process.stdout.write(`${JSON.stringify({ writes, steps })}\n`)
await house.stop()
