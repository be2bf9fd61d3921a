import { describe, expect, test } from 'vitest'
import { digits, filled, judge, toMarkdown } from './report.ts'

describe('the table of figures', () => {
  test.each([
    [1234.5, '1235'],
    [56.7, '57'],
    [7.84, '7.8'],
    [0.914, '0.91'],
    [0, '0.00'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('%d is shown as %s: few enough digits to be true', (value, shown) => expect(digits(value)).toBe(shown))

  test.each([
    [1.3, { atMost: 1.3, unit: '×' }, { bar: '≤ 1.3 ×', held: true }],
    [1.31, { atMost: 1.3, unit: '×' }, { bar: '≤ 1.3 ×', held: false }],
    [3, { atLeast: 3, unit: '×' }, { bar: '≥ 3 ×', held: true }],
    [2.9, { atLeast: 3, unit: '×' }, { bar: '≥ 3 ×', held: false }],
    // What could not be measured holds nothing.
    [Number.NaN, { atMost: 1, unit: 'ms' }, { bar: '≤ 1 ms', held: false }],
    [5, { unit: 'ms' }, { bar: '', held: null }],
  ])('%d against %j is judged %j', (value, bar, verdict) => expect(judge(value, bar)).toEqual(verdict))

  test('a bar that was missed stands out, and a row without one is not judged', () => {
    const row = { what: 'a | b', carl: '2 ms', beside: 'ssh: 1 ms', comes: '2 ×', bar: '≤ 1 ×' }
    const table = toMarkdown([
      {
        title: 'Time',
        rows: [
          { ...row, held: false },
          { ...row, bar: '', held: null },
        ],
        notes: ['How.'],
      },
    ])
    expect(table.split('\n')).toEqual([
      '### Time',
      '',
      '| What | Carl | Beside it | Comes to | Accepted | Held |',
      '| --- | --- | --- | --- | --- | --- |',
      '| a \\| b | 2 ms | ssh: 1 ms | 2 × | ≤ 1 × | **no** |',
      '| a \\| b | 2 ms | ssh: 1 ms | 2 × |  |  |',
      '',
      '- How.',
    ])
  })

  const marks = ['<!-- figures: written by npm run bench -->', '<!-- end of figures -->'] as const

  test('figures replace those of the last run, and the words around them stay', () => {
    const page = `before\n${marks[0]}\nold\n${marks[1]}\nafter\n`
    const once = filled(page, 'new')
    expect(once).toBe(`before\n${marks[0]}\n\nnew\n\n${marks[1]}\nafter\n`)
    expect(filled(once, 'new')).toBe(once)
  })

  test('a page without the marks is left alone', () => {
    expect(() => filled('nothing', 'new')).toThrow('marks')
    expect(() => filled(`${marks[1]} ${marks[0]}`, 'new')).toThrow('marks')
  })
})
