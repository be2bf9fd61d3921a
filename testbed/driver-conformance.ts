import { expect, test } from 'vitest'
import type { Driver, DriverResult, Prompt } from '../server/ai/driver.ts'
import { testPrompt } from '../server/ai/readiness.ts'

/** What a driver is tried against: something that plays the other side. */
export interface DriverFloor {
  readonly driver: Driver
  readonly model: string
  /** Bodies that went out, as the other side got them. */
  sent(): readonly string[]
  /** From now on, the next answer is this. */
  next(how: NextAnswer): void
  stop(): Promise<void>
}

export type NextAnswer =
  | 'good'
  | 'not-json'
  | 'empty'
  | 'garbage'
  | 'huge'
  | 'hangs'
  | 'cut'
  | 'refuses'
  | 'too-long'
  | 'wrong-key'

interface Conformance {
  readonly open: () => Promise<DriverFloor>
  /** What this other side cannot do. */
  readonly without?: readonly NextAnswer[]
}

/** What every driver promises, whatever is on the other side. */
export function driverConformance({ open, without = [] }: Conformance): void {
  const prompt: Prompt = testPrompt('anthropic')

  async function tryOut(
    how: NextAnswer,
    look: (result: DriverResult, floor: DriverFloor, received: readonly string[]) => void,
    { stopAfterMs }: { stopAfterMs?: number } = {},
  ): Promise<void> {
    const floor = await open()
    try {
      floor.next(how)
      const received: string[] = []
      const { model } = floor
      const signal =
        stopAfterMs === undefined ? new AbortController().signal : AbortSignal.timeout(stopAfterMs)
      const keep = { sent: async () => {}, received: (text: string) => void received.push(text) }
      look(await floor.driver.run(prompt, { model, effort: 'low', signal, keep }), floor, received)
    } finally {
      await floor.stop()
    }
  }

  test('a good answer comes as JSON with what it used, and is kept as it came', () =>
    tryOut('good', (result, _floor, received) => {
      expect(result).toMatchObject({
        kind: 'answer',
        json: { mount: '/srv/backup', usedPercent: 97 },
        use: { input: expect.any(Number), output: expect.any(Number) },
      })
      expect(received.join()).toContain('/srv/backup')
    }))

  test('what goes out holds the data once, after the policy, and is kept to the byte', async () => {
    const floor = await open()
    const kept: string[] = []
    try {
      floor.next('good')
      const keep = { sent: async (text: string) => void kept.push(text), received: () => {} }
      const { model } = floor
      const signal = new AbortController().signal
      await floor.driver.run(prompt, { model, effort: 'low', signal, keep })
      expect(kept).toHaveLength(1)
      const [text = ''] = floor.sent()
      expect(text.split('/mnt/disk-5')).toHaveLength(2)
      expect(text).not.toMatch(/"(?:temperature|top_p|top_k)"/)
    } finally {
      await floor.stop()
    }
  })

  test('the bound of the input is never below what is counted', () =>
    tryOut('good', (result, { driver }) => {
      if (result.kind !== 'answer') throw new Error('no answer')
      const { input, cacheRead, cacheWrite1h, cacheWrite5m } = result.use
      expect(driver.inputBound(prompt)).toBeGreaterThanOrEqual(
        input + cacheRead + cacheWrite1h + cacheWrite5m,
      )
    }))

  test.skipIf(without.includes('not-json'))('prose instead of JSON is malformed, and paid as it says', () =>
    tryOut('not-json', (result) => {
      expect(result).toMatchObject({ kind: 'malformed', use: { output: expect.any(Number) } })
    }),
  )

  test.each(['empty', 'garbage'] as const)('an answer that is %s is malformed, its cost unknown', (how) =>
    tryOut(how, (result) => expect(result).toMatchObject({ kind: 'malformed', use: null })),
  )

  test.skipIf(without.includes('huge'))('a huge answer is malformed, not a crash', () =>
    tryOut('huge', (result) => expect(result.kind).toBe('malformed')),
  )

  test.skipIf(without.includes('refuses'))('a refusal is told apart', () =>
    tryOut('refuses', (result) => expect(result.kind).toBe('refused')),
  )

  test.skipIf(without.includes('too-long'))('an answer that was cut off is told apart', () =>
    tryOut('too-long', (result) => expect(result.kind).toBe('cut-off')),
  )

  test.skipIf(without.includes('wrong-key'))('a wrong key costs nothing, and says so', () =>
    tryOut('wrong-key', (result) => {
      expect(result).toMatchObject({ kind: 'failed', reason: 'wrong-key', wasBilled: 'no' })
    }),
  )

  test.skipIf(without.includes('cut'))('a connection that breaks in the answer may have to be paid', () =>
    tryOut('cut', (result) => {
      expect(result).toMatchObject({ kind: 'failed', reason: 'offline', wasBilled: 'unknown' })
    }),
  )

  test('somebody who waits no longer is heard at once; it may have to be paid', () =>
    tryOut(
      'hangs',
      (result) => {
        expect(result).toMatchObject({ kind: 'failed', reason: 'timed-out', wasBilled: 'unknown' })
      },
      { stopAfterMs: 1_500 },
    ))

  test('what is called off before it is sent costs nothing, and nothing goes out', async () => {
    const floor = await open()
    try {
      const signal = AbortSignal.abort(new Error('changed my mind'))
      const result = await floor.driver.run(prompt, { model: floor.model, effort: 'low', signal })
      expect(result).toMatchObject({ kind: 'failed', reason: 'aborted' })
      expect(floor.sent()).toEqual([])
    } finally {
      await floor.stop()
    }
  })
}
