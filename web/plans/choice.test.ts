import { describe, expect, test } from 'vitest'
import { aPlan, anAction } from '../plan-fixtures.ts'
import { firstChoice, namesToType, roomOf } from './choice.ts'

describe('what is chosen from the start', () => {
  test('is what waits and can be taken back', () => {
    const plan = aPlan({
      actions: [
        anAction({ aid: 'a' }),
        anAction({ aid: 'b', destructive: true }),
        anAction({ aid: 'c', state: 'rejected' }),
        anAction({ aid: 'd', state: 'second-person' }),
      ],
    })
    expect([...firstChoice(plan)]).toEqual(['a'])
  })

  test('is nothing in a plan that is closed', () => {
    expect(firstChoice(aPlan({ closed: 'It is too old.' })).size).toBe(0)
  })
})

test.each([
  [[], null],
  [[{ bytesMin: null, bytesMax: null }], null],
  [
    [
      { bytesMin: 0, bytesMax: 5 },
      { bytesMin: 2, bytesMax: 3 },
      { bytesMin: null, bytesMax: null },
    ],
    { least: 2, most: 8 },
  ],
])('room of %j is %j', (actions, room) => {
  expect(roomOf(actions)).toEqual(room)
})

test('only what asks for a name has one to type', () => {
  expect(namesToType([anAction({ aid: 'a' }), anAction({ aid: 'b', nameToType: 'pgdata' })])).toEqual([
    { aid: 'b', name: 'pgdata' },
  ])
})
