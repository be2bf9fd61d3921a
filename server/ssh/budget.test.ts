import { expect, test } from 'vitest'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { createBudget } from './budget.ts'

const hourMs = 3_600_000

function takeAll(budget: ReturnType<typeof createBudget>, perHour: number, node = 'nas'): number {
  let taken = 0
  for (; budget.has(node, perHour) && taken < 1_000; taken++) budget.take(node, perHour)
  return taken
}

test('ten connections may come at once, then as many an hour as allowed', async () => {
  const clock = createFakeClock()
  const budget = createBudget({ clock })
  expect(takeAll(budget, 60)).toBe(10)
  await clock.advance(60_000)
  expect(takeAll(budget, 60)).toBe(1)
  await clock.advance(5 * 60_000)
  expect(takeAll(budget, 60)).toBe(5)
  await clock.advance(24 * hourMs)
  expect(takeAll(budget, 60)).toBe(10)
})

test('a used-up budget says when the next connection may be opened, and then it may', async () => {
  const clock = createFakeClock({ startsAt: '2026-03-01T12:00:00Z' })
  const budget = createBudget({ clock })
  takeAll(budget, 10)
  expect(() => budget.take('nas', 10)).toThrow(
    expect.objectContaining({ code: 'ssh.connection_budget', retryAt: new Date('2026-03-01T12:06:00Z') }),
  )
  await clock.advance(360_000)
  budget.take('nas', 10)
})

test('a rate of 0 is no limit and uses nothing up', () => {
  const budget = createBudget({ clock: createFakeClock() })
  for (let count = 0; count < 100; count++) budget.take('nas', 0)
  expect(takeAll(budget, 60)).toBe(10)
})

test('each node has its own budget', () => {
  const budget = createBudget({ clock: createFakeClock() })
  takeAll(budget, 60, 'nas')
  expect(takeAll(budget, 60, 'pi')).toBe(10)
})

test('setting the wall clock neither fills nor empties a budget', () => {
  const clock = createFakeClock()
  const budget = createBudget({ clock })
  takeAll(budget, 60)
  clock.jump(10 * hourMs)
  expect(budget.has('nas', 60)).toBe(false)
})
