import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../testbed/database.ts'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import type { Tx } from './database.ts'

let base: TestDatabase

beforeEach(async () => {
  base = await testDatabase()
})
afterEach(() => base.close())

/** Another program that holds the database until `release`. */
function holdDatabase(): { release(): void } {
  const other = new Sqlite(base.db.file)
  other.exec('begin immediate')
  return {
    release: () => {
      other.exec('rollback')
      other.close()
    },
  }
}

const put = (name: string) => (tx: Tx) =>
  tx
    .insertInto('meta')
    .values({ name, value: name })
    .execute()
    .then(() => name)
const stored = async () =>
  (
    await base.db.read.selectFrom('meta').select('name').where('name', 'like', 'w%').orderBy('name').execute()
  ).map(({ name }) => name)

describe('works that are asked for together', () => {
  test('all happen, in the order asked, and each gets its own answer', async () => {
    const names = Array.from({ length: 100 }, (_, at) => `w${String(at).padStart(3, '0')}`)
    const order: string[] = []
    const answers = await Promise.all(
      names.map((name) =>
        base.db.write(async (tx) => {
          order.push(name)
          return put(name)(tx)
        }),
      ),
    )
    expect(answers).toEqual(names)
    expect(order).toEqual(names)
    expect(await stored()).toEqual(names)
  })

  test('see what those before them did, and nothing of one that failed', async () => {
    const fails = base.db.write(async (tx) => {
      await put('w1')(tx)
      throw new Error('changed its mind')
    })
    const sees = base.db.write(async (tx) => {
      await put('w2')(tx)
      return tx.selectFrom('meta').select('name').where('name', 'like', 'w%').execute()
    })
    await expect(fails).rejects.toThrow('changed its mind')
    expect(await sees).toEqual([{ name: 'w2' }])
    expect(await stored()).toEqual(['w2'])
  })

  test('one that breaks a rule of the database undoes itself alone', async () => {
    const [first, twice, other] = await Promise.allSettled([
      base.db.write(put('w1')),
      base.db.write(put('w1')),
      base.db.write(put('w2')),
    ])
    expect([first.status, twice.status, other.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await stored()).toEqual(['w1', 'w2'])
  })

  test('are answered only when all of them are durable', async () => {
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>()
    let isAnswered = false
    const quick = base.db.write(put('w1')).then(() => {
      isAnswered = true
    })
    const slow = base.db.write(async (tx) => {
      await put('w2')(tx)
      // Whoever reads meanwhile sees neither: both are in one transaction that is still open.
      expect(await stored()).toEqual([])
      expect(isAnswered).toBe(false)
      await mayEnd
    })
    end()
    await Promise.all([quick, slow])
    expect(await stored()).toEqual(['w1', 'w2'])
  })
})

describe('while another program holds the database', () => {
  test('a work waits until it lets go, and everything else goes on', async () => {
    const other = holdDatabase()
    const waits = base.db.write(put('w1'))
    // Only a thread that is free can let it go.
    setTimeout(other.release, 1)
    expect(await stored()).toEqual([])
    await waits
    expect(await stored()).toEqual(['w1'])
  })

  test('each work is told so after ten seconds of its own, and does not happen later', async () => {
    await base.close()
    const clock = createFakeClock()
    base = await testDatabase(clock)
    const other = holdDatabase()
    const first = base.db.write(put('w1')).catch((error: unknown) => error)
    await clock.advance(6_000)
    const second = base.db.write(put('w2'))
    await clock.advance(4_000)
    expect(await first).toMatchObject({ code: 'storage.busy' })
    other.release()
    await clock.advance(50)
    await second
    expect(await stored()).toEqual(['w2'])
  })
})
