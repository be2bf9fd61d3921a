import { describe, expect, test } from 'vitest'
import { aFinding } from '../fixtures.ts'
import { compareReports, countValues, usualOf } from './sides.ts'

const metric = (value: number, mount = '/') => ({
  name: 'disk.used_pct',
  value,
  unit: '%',
  labels: { mount },
})

test('two reports side by side: what only one has, and what differs', () => {
  const a = {
    findings: [
      aFinding({ key: 'both' }),
      aFinding({ key: 'gone' }),
      aFinding({ key: 'old', state: 'resolved' }),
    ],
    metrics: [metric(40), metric(50, '/srv')],
    facts: { host: { os: 'Debian 12', cores: 4 }, disks: [{ mount: '/', pct: 40 }] },
  }
  const b = {
    findings: [aFinding({ key: 'both' }), aFinding({ key: 'new' })],
    metrics: [metric(45)],
    facts: { host: { os: 'Debian 13', cores: 4 }, disks: [{ mount: '/', pct: 45 }], extra: true },
  }
  const sides = compareReports(a, b)
  expect(sides.findings.map(({ name, a: left, b: right }) => [name, left !== null, right !== null])).toEqual([
    ['gone', true, false],
    ['new', false, true],
    ['both', true, true],
  ])
  expect(sides.metrics.map(({ name, a: left, b: right }) => [name, left?.value, right?.value])).toEqual([
    ['disk.used_pct /', 40, 45],
    ['disk.used_pct /srv', 50, undefined],
  ])
  expect(sides.facts).toEqual([
    { name: 'host.os', a: 'Debian 12', b: 'Debian 13' },
    { name: 'disks[/].pct', a: 40, b: 45 },
    { name: 'extra', a: null, b: true },
  ])
  expect(sides.alike).toBe(2)
})

describe('what most nodes have', () => {
  test.each([
    [['a', 'a', 'b'], 'a'],
    [['a', 'b'], null],
    [['a'], null],
    [[], null],
  ])('of %j it is %s', (values, expected) => expect(usualOf(values)).toBe(expected))
  test('is counted, the most frequent first', () =>
    expect(countValues(['b', 'a', 'a'])).toEqual([
      { value: 'a', count: 2 },
      { value: 'b', count: 1 },
    ]))
})
