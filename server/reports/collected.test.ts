import { expect, test } from 'vitest'
import type { AgentMessage } from '../../contract/agent-protocol.ts'
import { canonicalLabels, collect } from './collected.ts'

const finding = (severity: 'high' | 'warning', title: string): AgentMessage => ({
  kind: 'finding',
  finding: {
    id: 'a.b',
    severity,
    subject: 's',
    key: 'a.b:s',
    title,
    evidence: {},
    fix: null,
    confidence: 'certain',
  },
})
const metric = (value: number, labels: Record<string, string> = {}): AgentMessage => ({
  kind: 'metric',
  name: 'load',
  value,
  unit: '',
  labels,
})
const result: AgentMessage = {
  kind: 'result',
  status: 'ok',
  reason: null,
  gaps: [],
  dropped: {},
  ms: 0,
  maxRssKib: 0,
}

test('a run that says nothing has failed, and found nothing', () => {
  expect(collect([])).toEqual({
    findings: [],
    gaps: [],
    metrics: [],
    history: [],
    schema: '',
    facts: {},
    status: 'error',
    sections: new Map(),
  })
})

test('of a finding that is said twice the most severe stays', () => {
  const titles = (...said: AgentMessage[]) => collect([...said, result]).findings.map(({ title }) => title)
  expect(titles(finding('warning', 'a'), finding('high', 'b'), finding('warning', 'c'))).toEqual(['b'])
  expect(titles(finding('warning', 'a'), finding('warning', 'c'))).toEqual(['a'])
})

test('of a metric that is said twice the last value stays, whatever the order of its labels', () => {
  const said = [metric(1, { a: '1', b: '2' }), metric(2, { b: '2', a: '1' }), metric(3, { a: '1' })]
  expect(collect([...said, result]).metrics.map(({ value }) => value)).toEqual([2, 3])
  expect(canonicalLabels({ b: '2', a: '1' })).toBe('{"a":"1","b":"2"}')
})

test('a part that failed is a gap, unless the agent says so itself', () => {
  const failed: AgentMessage = { kind: 'progress', step: 'disks', state: 'error' }
  expect(collect([failed, result]).gaps).toEqual([{ what: 'disks', why: 'this part failed', remedy: null }])
  const gap = { what: 'disks', why: 'hung', remedy: null }
  expect(collect([failed, { ...result, gaps: [gap] }]).gaps).toEqual([gap])
})

test('a part counts once, by how it ended', () => {
  const step = (state: 'start' | 'ok' | 'error'): AgentMessage => ({ kind: 'progress', step: 'disks', state })
  expect([...collect([step('start')]).sections]).toEqual([])
  expect([...collect([step('start'), step('ok')]).sections]).toEqual([['disks', 'ok']])
})

test('more than an agent should say is left out', () => {
  const many = Array.from(
    { length: 600 },
    (_, index): AgentMessage => ({
      kind: 'finding',
      finding: {
        id: 'a',
        severity: 'info',
        subject: '',
        key: `a:${index}`,
        title: '',
        evidence: {},
        fix: null,
        confidence: 'low',
      },
    }),
  )
  expect(collect(many).findings).toHaveLength(500)
  const samples = Array.from(
    { length: 600 },
    (_, index): AgentMessage => ({ kind: 'history', key: `${index}`, value: 1 }),
  )
  expect(collect(samples).history).toHaveLength(500)
})
