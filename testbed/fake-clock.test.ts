import { describe, expect, test } from 'vitest'
import { createFakeClock } from './fake-clock.ts'

describe('a fake clock', () => {
  test('stands still until it is advanced', async () => {
    const clock = createFakeClock({ startsAt: '2026-03-29T00:59:59.000Z' })
    const before = clock.now()
    await new Promise((resolve) => setImmediate(resolve))
    expect(clock.now()).toEqual(before)
    await clock.advance(1_500)
    expect(clock.now().toISOString()).toBe('2026-03-29T01:00:00.500Z')
    expect(clock.monotonicMs()).toBe(1_500)
  })

  test('fires timers in the order of their time, and those set on the way as well', async () => {
    const clock = createFakeClock()
    const fired: string[] = []
    const note = (name: string) => fired.push(`${name}@${clock.monotonicMs()}`)
    clock.after(300, () => note('late'))
    clock.after(100, () => {
      note('early')
      clock.after(100, () => note('chained'))
    })
    clock.after(100, () => note('second'))
    await clock.advance(250)
    expect(fired).toEqual(['early@100', 'second@100', 'chained@200'])
    await clock.advance(50)
    expect(fired.at(-1)).toBe('late@300')
  })

  test('carries a loop of sleeps through in one go', async () => {
    const clock = createFakeClock()
    const woke: number[] = []
    const loop = (async () => {
      for (let round = 0; round < 3; round++) {
        await clock.sleep(10)
        woke.push(clock.monotonicMs())
      }
    })()
    await clock.advance(30)
    await loop
    expect(woke).toEqual([10, 20, 30])
  })

  test('forgets a timer that is called off', async () => {
    const clock = createFakeClock()
    let fired = false
    const callOff = clock.after(10, () => {
      fired = true
    })
    callOff()
    await clock.advance(20)
    expect(fired).toBe(false)
    expect(clock.waiting()).toBe(0)
  })

  test('wakes a sleeper with the reason of the signal, before or during its sleep', async () => {
    const clock = createFakeClock()
    const stop = new AbortController()
    const sleep = clock.sleep(1_000, stop.signal)
    stop.abort(new Error('cancelled'))
    await expect(sleep).rejects.toThrow('cancelled')
    await expect(clock.sleep(1_000, stop.signal)).rejects.toThrow('cancelled')
    expect(clock.waiting()).toBe(0)
  })

  test('tells when somebody waits', async () => {
    const clock = createFakeClock()
    const waited = clock.untilWaiting(2)
    const first = clock.sleep(5)
    setImmediate(() => clock.after(6, () => {}))
    await waited
    expect(clock.waiting()).toBe(2)
    await clock.advance(6)
    await first
  })

  test('jumps on the wall without anything falling due', async () => {
    const clock = createFakeClock({ startsAt: '2026-01-01T00:00:00Z' })
    let fired = false
    clock.after(1_000, () => {
      fired = true
    })
    clock.jump(3_600_000)
    await clock.advance(0)
    expect(clock.now().toISOString()).toBe('2026-01-01T01:00:00.000Z')
    expect(clock.monotonicMs()).toBe(0)
    expect(fired).toBe(false)
  })
})
