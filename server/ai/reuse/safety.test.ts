import { expect, test } from 'vitest'
import type { Report } from '../../../contract/reports.ts'
import {
  anHourLater,
  knownFaults,
  newWorld,
  randomFrom,
  toReport,
  unknownChanges,
  type World,
} from '../../../testbed/worlds.ts'
import { mayReuse } from './may-reuse.ts'
import { type Snapshot, toSnapshot } from './snapshot.ts'

test('words are never used again after a known fault, seldom after an unknown one, and mostly when nothing happened', () => {
  const random = randomFrom(20_261_126)
  const count = { known: [0, 0], unknown: [0, 0], benign: [0, 0] }
  const note = (of: keyof typeof count, isWrong: boolean) => {
    count[of][0]! += isWrong ? 1 : 0
    count[of][1]! += 1
  }
  for (let node = 0; node < 150; node++) {
    let world = newWorld(random)
    const history: Snapshot[] = []
    for (let hour = 0; hour < 14; hour++) {
      history.unshift(toSnapshot(toReport(world)))
      world = anHourLater(world, random)
    }
    const [candidate] = history
    if (!candidate) throw new Error('there is history')
    const isReused = (next: World) =>
      mayReuse({ now: toSnapshot(toReport(next)), candidate, history, threshold: 0.95 }).kind !== 'no'
    for (const change of Object.values(knownFaults)) {
      note('known', isReused(change(anHourLater(world, random), random)))
    }
    for (const change of Object.values(unknownChanges)) {
      note('unknown', isReused(change(anHourLater(world, random), random)))
    }
    for (let time = 0; time < 9; time++) note('benign', !isReused(anHourLater(world, random)))
  }
  const rate = ([wrong = 0, all = 1]: readonly number[]) => wrong / all
  const percent = (of: keyof typeof count) => `${(100 * rate(count[of])).toFixed(1)} % of ${count[of][1]}`
  process.stdout.write(
    `reuse: false on known faults ${percent('known')} (bar 0 %), false on unknown changes ${percent('unknown')} (bar 10 %), missed ${percent('benign')} (bar 20 %)\n`,
  )
  expect(rate(count.known)).toBe(0)
  expect(rate(count.unknown)).toBeLessThanOrEqual(0.1)
  expect(rate(count.benign)).toBeLessThanOrEqual(0.2)
})

test('a comparison of large reports is quick', () => {
  const random = randomFrom(7)
  const world = newWorld(random)
  const report = toReport(world)
  const large: Report = {
    ...report,
    facts: {
      ...report.facts,
      services: {
        units: Array.from({ length: 8_000 }, (_, index) => ({
          unit: `unit-${index}.service`,
          state: 'running',
          n: index,
        })),
      },
    },
  }
  const start = performance.now()
  const snapshot = toSnapshot(large)
  mayReuse({
    now: snapshot,
    candidate: snapshot,
    history: Array.from({ length: 14 }, () => snapshot),
    threshold: 0.95,
  })
  expect(performance.now() - start).toBeLessThan(1_000)
})
