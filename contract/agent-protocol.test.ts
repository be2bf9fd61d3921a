import { describe, expect, test } from 'vitest'
import { agentMessage } from './agent-protocol.ts'

describe('what an agent leaves out is filled in', () => {
  test.each<[kind: string, said: Record<string, unknown>, filledIn: Record<string, unknown>]>([
    ['exec', { argv: ['df'], rc: 0, ms: 1 }, { out: 0, err: 0, note: null }],
    ['cmd', { via: 'os.exec', argv: ['df'] }, { cwd: null }],
    ['metric', { name: 'load', value: 1, unit: '' }, { labels: {} }],
    ['result', { status: 'ok' }, { reason: null, gaps: [], dropped: {}, ms: 0, maxRssKib: 0 }],
    [
      'result',
      { status: 'ok', gaps: [{ what: 'a', why: 'b' }] },
      { gaps: [{ what: 'a', why: 'b', remedy: null }] },
    ],
  ])('%s: %j', (kind, said, filledIn) => {
    expect(agentMessage.parse({ kind, ...said })).toMatchObject({ kind, ...filledIn })
  })
})

test('what a newer agent says besides is passed over', () => {
  expect(agentMessage.parse({ kind: 'log', level: 'info', msg: 'hi', colour: 'red' })).toEqual({
    kind: 'log',
    level: 'info',
    msg: 'hi',
  })
})

describe('an agent is not believed', () => {
  test.each<[name: string, said: Record<string, unknown>]>([
    ['a finding of its own severity', finding({ severity: 'apocalyptic' })],
    ['a finding without evidence', finding({ evidence: undefined })],
    ['a title as long as a book', finding({ title: 'x'.repeat(301) })],
    ['a value that is not a number', { kind: 'metric', name: 'x', unit: '', value: '1' }],
    ['a command with more words than any has', { kind: 'denied', argv: Array(201).fill('x') }],
    ['an end of its own', { kind: 'result', status: 'perfect' }],
  ])('%s', (_name, said) => {
    expect(agentMessage.safeParse(said).success).toBe(false)
  })
})

function finding(changed: Record<string, unknown>) {
  const whole = {
    id: 'disk.full',
    severity: 'high',
    subject: '/',
    key: 'disk.full:/',
    title: '/ is full',
    evidence: {},
    fix: null,
    confidence: 'certain',
  }
  expect(agentMessage.safeParse({ kind: 'finding', finding: whole }).success).toBe(true)
  return { kind: 'finding', finding: { ...whole, ...changed } }
}
