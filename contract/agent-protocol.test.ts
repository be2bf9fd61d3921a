import { describe, expect, test } from 'vitest'
import { agentMessage } from './agent-protocol.ts'

const order = {
  type: 'docker.buildcache.prune',
  target: { ids: ['k3x9'] },
  args: {},
  precondition: {},
}
const settled = { aid: 'a', state: 'done', reason: null, why: null, bytesFreed: null, undo: null }

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
    ['a change of a kind that is none', action({ order: { ...order, type: 'shell.run' } })],
    ['a change with more than its parts', action({ order: { ...order, command: 'rm -rf /' } })],
    ['a change that judges its own risk', action({ risk: 'low' })],
    ['a change without a name', action({ aid: '' })],
    ['a change that frees less than nothing', action({ bytesMin: -1 })],
    [
      'an ending of a change that is none',
      { kind: 'action_result', result: { ...settled, state: 'perfect' } },
    ],
    [
      'a way back that is no action',
      { kind: 'action_result', result: { ...settled, undo: { order: {}, bytes: 0, keepDays: 1 } } },
    ],
    ['a change that it approves itself', { kind: 'approve', aid: 'a' }],
  ])('%s', (_name, said) => {
    expect(agentMessage.safeParse(said).success).toBe(false)
  })
})

function action(changed: Record<string, unknown>) {
  const whole = {
    aid: 'docker.buildcache.prune:k3x9',
    order,
    title: 'Remove build cache',
    why: '',
    findingKey: null,
    bytesMin: 0,
    bytesMax: 10,
    readAt: 1_795_330_000.5,
  }
  expect(agentMessage.safeParse({ kind: 'action', action: whole }).success).toBe(true)
  expect(agentMessage.safeParse({ kind: 'action_result', result: settled }).success).toBe(true)
  return { kind: 'action', action: { ...whole, ...changed } }
}

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
