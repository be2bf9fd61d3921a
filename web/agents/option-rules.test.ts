import { describe, expect, test } from 'vitest'
import {
  checkOptions,
  controlOf,
  isChanged,
  type OptionSchema,
  type OptionsSchema,
  parseLines,
  parseNumber,
  withOption,
} from './option-rules.ts'

const formOf = (properties: Record<string, OptionSchema>, required: string[] = []): OptionsSchema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})

describe('how an option is asked for', () => {
  test.each<[string, OptionSchema, ReturnType<typeof controlOf>]>([
    ['a text', { type: 'string' }, { kind: 'text' }],
    ['a number', { type: 'number' }, { kind: 'number' }],
    ['a whole number', { type: 'integer' }, { kind: 'number' }],
    ['yes or no', { type: 'boolean' }, { kind: 'switch' }],
    ['one of some words', { type: 'string', enum: ['a', 'b'] }, { kind: 'choice', choices: ['a', 'b'] }],
    ['one of some numbers', { type: 'integer', enum: [1, 2] }, { kind: 'choice', choices: ['1', '2'] }],
    [
      'some of some words',
      { type: 'array', items: { type: 'string', enum: ['a'] } },
      { kind: 'choices', choices: ['a'] },
    ],
    ['a list of texts', { type: 'array', items: { type: 'string' } }, { kind: 'list', ofNumbers: false }],
    ['a list of numbers', { type: 'array', items: { type: 'number' } }, { kind: 'list', ofNumbers: true }],
    ['a list of who knows what', { type: 'array', items: 'nonsense' }, { kind: 'list', ofNumbers: false }],
    ['a choice out of objects, which is none', { type: 'string', enum: [{}] }, { kind: 'text' }],
  ])('%s', (_, schema, control) => {
    expect(controlOf(schema)).toEqual(control)
  })
})

describe('what is wrong with an option', () => {
  const cases: [string, OptionSchema, unknown, string | undefined][] = [
    ['a number in its range is fine', { type: 'number', minimum: 1, maximum: 9 }, 1, undefined],
    ['below the range', { type: 'number', minimum: 1 }, 0.5, 'least 1'],
    ['above the range', { type: 'integer', maximum: 9 }, 10, 'most 9'],
    ['no number', { type: 'number' }, 'many', 'number '],
    ['no whole number', { type: 'integer' }, 1.5, 'integer '],
    ['none of the words', { type: 'string', enum: ['a', 'b'] }, 'c', 'choice a, b'],
    ['too short', { type: 'string', minLength: 2 }, 'a', 'shortest 2'],
    ['too long, counted as people count', { type: 'string', maxLength: 1 }, '👍', undefined],
    ['not of the form', { type: 'string', pattern: '^/' }, 'etc', 'pattern ^/'],
    ['of the form', { type: 'string', pattern: '^/' }, '/etc', undefined],
    ['a broken pattern is left to the server', { type: 'string', pattern: '(' }, 'x', undefined],
    ['too few entries', { type: 'array', minItems: 1 }, [], 'fewest 1'],
    ['too many entries', { type: 'array', maxItems: 1 }, ['a', 'b'], 'atMost 1'],
    ['an entry twice', { type: 'array', uniqueItems: true }, ['a', 'b', 'a'], 'twice '],
    [
      'an entry not of the form',
      { type: 'array', items: { type: 'string', pattern: '^/' } },
      ['/a', 'b'],
      'pattern ^/',
    ],
    ['an entry that is no number', { type: 'array', items: { type: 'number' } }, [1, 'b'], 'number '],
  ]
  test.each(cases)('%s', (_, schema, value, wanted) => {
    const [problem] = checkOptions(formOf({ it: schema }), { it: value })
    expect(problem && `${problem.kind} ${problem.limit}`).toBe(wanted)
  })

  test('an option without a value and a default is missing only where it is required', () => {
    const schema = formOf({ it: { type: 'string' }, other: { type: 'string' } }, ['it'])
    expect(checkOptions(schema, {}).map(({ name, kind }) => `${name} ${kind}`)).toEqual(['it missing'])
  })

  test('a pattern made to hang the browser is not tried', () => {
    const schema = formOf({ it: { type: 'string', pattern: '^(a+)+$' } })
    expect(checkOptions(schema, { it: `${'a'.repeat(60)}!` })).toEqual([])
  })

  test('an option may be called like something every object has', () => {
    const schema = formOf(
      JSON.parse(
        '{"constructor":{"type":"string"},"toString":{"type":"integer"},"__proto__":{"type":"array"}}',
      ),
    )
    expect(checkOptions(schema, {})).toEqual([])
  })
})

describe('setting an option', () => {
  const schema: OptionSchema = { type: 'array', default: ['a'] }

  test('the default is not sent, so that a later default of the agent counts', () => {
    expect(withOption({ it: ['b'], other: 1 }, 'it', schema, ['a'])).toEqual({ other: 1 })
    expect(withOption({}, 'it', schema, ['b'])).toEqual({ it: ['b'] })
    expect(withOption({ it: ['b'] }, 'it', schema, undefined)).toEqual({})
  })

  test('a value equal to the default is no change', () => {
    expect(isChanged('it', schema, { it: ['a'] })).toBe(false)
    expect(isChanged('it', schema, { it: [] })).toBe(true)
    expect(isChanged('it', schema, {})).toBe(false)
  })
})

test.each([
  ['12', 12],
  [' 0,5 ', 0.5],
  ['', undefined],
  ['twelve', 'twelve'],
  ['1e999', '1e999'],
])('%j is typed as a number', (text, value) => {
  expect(parseNumber(text)).toBe(value)
})

test('lines become entries, empty ones none', () => {
  expect(parseLines(' /a \n\n/b,c\n', false)).toEqual(['/a', '/b,c'])
  expect(parseLines('1\nx\n2,5', true)).toEqual([1, 'x', 2.5])
})
