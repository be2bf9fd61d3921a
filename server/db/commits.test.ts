import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../testbed/database.ts'
import type { Tx } from './database.ts'

let base: TestDatabase

beforeEach(async () => {
  base = await testDatabase()
})
afterEach(() => base.close())

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
