import type { OpenDatabase } from '../server/db/open.ts'
import { createHouse } from '../server/house.ts'
import { createLogger } from '../server/lib/logger.ts'
import { testConfig } from './house.ts'
import { createShiftedClock } from './shifted-clock.ts'

/**
 * A server in a process of its own, to be killed. `node server-child.ts FOLDER [WHEN STEP]`: it kills itself the
 * moment before or after a step is in the journal of any execution; `acknowledged` is the last write of all, when the
 * node may forget the run. `key:STEP` is the moment from which the rotation of a key stands at that step, and
 * `occurrence:STATE` the one from which the newest occurrence of a schedule has that state. `occasion` is the moment from
 * which there is something that triggers wait for, and `firing:STATE` the one from which the newest firing of a trigger
 * has that state; `notice:STATE` and `delivery:STATE` say the same of what people are told. CARL_TEST_NOW is what its
 * clock shows at first.
 */
const [folder = '', when, step] = process.argv.slice(2)

const die = () => process.kill(process.pid, 'SIGKILL')

function deadly(db: OpenDatabase): OpenDatabase {
  return {
    ...db,
    write: async (work) => {
      let isReached = false
      const result = await db.write(async (tx) => {
        const done = await work(tx)
        const last = await tx
          .selectFrom('journal')
          .innerJoin('execution', 'execution.id', 'journal.execution_id')
          .select(['journal.step', 'execution.active', 'execution.reattach'])
          .orderBy('journal.at', 'desc')
          .orderBy('journal.seq', 'desc')
          .executeTakeFirst()
        const reached = last?.active === 0 && last.reattach === null ? 'acknowledged' : last?.step
        const rotation = await tx.selectFrom('key_rotation').select('step').executeTakeFirst()
        const occurrence = await tx
          .selectFrom('occurrence')
          .select('state')
          .orderBy('at', 'desc')
          .executeTakeFirst()
        const occasion = await tx.selectFrom('occasion').select('id').executeTakeFirst()
        const firing = await tx.selectFrom('firing').select('state').orderBy('id', 'desc').executeTakeFirst()
        const notice = await tx.selectFrom('notice').select('state').orderBy('seq', 'desc').executeTakeFirst()
        const delivery = await tx
          .selectFrom('delivery')
          .select('state')
          .orderBy('seq', 'desc')
          .executeTakeFirst()
        isReached =
          `notice:${notice?.state}` === step ||
          `delivery:${delivery?.state}` === step ||
          (occasion !== undefined && step === 'occasion') ||
          `firing:${firing?.state}` === step ||
          reached === step ||
          `key:${rotation?.step}` === step ||
          `occurrence:${occurrence?.state}` === step
        if (isReached && when === 'before') die()
        return done
      })
      if (isReached && when === 'after') die()
      return result
    },
  }
}

const clock = createShiftedClock()
const { CARL_TEST_NOW: now, MODEL_STAND_IN } = process.env
if (now) clock.shift(Date.parse(now) - Date.now())

const config = testConfig(folder, { ...(MODEL_STAND_IN && { MODEL_STAND_IN }) })
const house = await createHouse(config, {
  clock,
  logger: createLogger(process.env.LOG_LEVEL ?? 'silent'),
  ...(step && { database: deadly }),
})
await house.start()
process.stdout.write('ready\n')
process.once('SIGTERM', () => void house.stop().then(() => process.exit(0)))
