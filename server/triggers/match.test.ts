import { expect, test } from 'vitest'
import { executionId, nodeId, triggerId } from '../../contract/ids.ts'
import { type TriggerWhen, triggerWhen } from '../../contract/triggers.ts'
import type { Occasion, RunEnded } from '../occasions/occasions.ts'
import { matchOf } from './match.ts'

const id = triggerId.parse('trg_01kb0000000000000000000001')
const nas = { id: nodeId.parse('nod_01kb00000000000000000000na'), name: 'nas', tags: ['storage'] }
const pi = { id: nodeId.parse('nod_01kb00000000000000000000p1'), name: 'pi', tags: [] }

const run = (changed: Partial<RunEnded> = {}): RunEnded => ({
  kind: 'run',
  nodeId: nas.id,
  nodeName: 'nas',
  executionId: executionId.parse('exe_01kb0000000000000000000001'),
  agentId: 'system-health',
  outcome: 'succeeded',
  findings: [
    { key: 'disk.full:/var', rule: 'disk.full', severity: 'high', state: 'new', title: '/var is full' },
  ],
  disks: [{ mount: '/var', percent: 91, before: 88 }],
  ...changed,
})
const back: Occasion = { kind: 'node-back', nodeId: nas.id, nodeName: 'nas' }
const day = (percent: number, before: number): Occasion => ({
  kind: 'cost',
  limit: 'day',
  agentId: null,
  percent,
  before,
})

const finding = (changed: object = {}) => ({ kind: 'finding', ...changed })
const ended = (changed: object = {}) => ({ kind: 'execution', ...changed })
const disk = (changed: object = {}) => ({ kind: 'disk', percent: 90, ...changed })
const cost = (changed: object = {}) => ({ kind: 'cost', limit: 'day', percent: 80, ...changed })
const filled = (before: number | null) => run({ disks: [{ mount: '/var', percent: 91, before }] })

/** `match`, `other`, or the field that leaves it out. */
const cases: [name: string, when: object, happened: Occasion, told: string][] = [
  ['a finding that is new', finding(), run(), 'match'],
  ['a finding of another state', finding({ states: ['worse'] }), run(), 'states'],
  ['a finding as bad as said', finding({ least: 'high' }), run(), 'match'],
  ['a finding that is milder', finding({ least: 'critical' }), run(), 'least'],
  ['a finding of one of its agents', finding({ agents: ['system-health'] }), run(), 'match'],
  ['a finding of another agent', finding({ agents: ['docker-janitor'] }), run(), 'agents'],
  ['a finding by its rule', finding({ rules: ['disk.*'] }), run(), 'match'],
  ['a finding by its key', finding({ rules: ['*:/var'] }), run(), 'match'],
  ['a finding of another rule', finding({ rules: ['smart.*'] }), run(), 'rules'],
  ['a finding on a node by its tag', finding({ nodes: ['tag:storage'] }), run(), 'match'],
  ['a finding on another node', finding({ nodes: ['all', '!nas'] }), run(), 'nodes'],
  ['a run without findings', finding(), run({ findings: [] }), 'other'],
  ['a run that ended as said', ended({ outcomes: ['failed'] }), run({ outcome: 'failed' }), 'match'],
  ['a run that ended otherwise', ended({ outcomes: ['failed'] }), run(), 'outcomes'],
  ['a run of another agent', ended({ agents: ['hello'] }), run(), 'agents'],
  ['a disk that crosses the line', disk(), run(), 'match'],
  ['a disk that is seen for the first time', disk(), filled(null), 'match'],
  ['a disk that was full before', disk(), filled(90), 'other'],
  ['a disk below the line', disk({ percent: 95 }), run(), 'other'],
  ['a disk that is not meant', disk({ mounts: ['/srv*'] }), run(), 'mounts'],
  ['a disk that is meant', disk({ mounts: ['/v*'] }), run(), 'match'],
  ['a disk of another node', disk({ nodes: ['pi'] }), run(), 'nodes'],
  ['a node that is back', { kind: 'node-back' }, back, 'match'],
  ['another node that is back', { kind: 'node-back', nodes: ['pi'] }, back, 'nodes'],
  ['the share of a limit', cost(), day(80, 50), 'match'],
  ['a leap over the share', cost(), day(100, 50), 'match'],
  ['a share that was reached before', cost(), day(100, 80), 'other'],
  ['a smaller share', cost(), day(50, 0), 'percent'],
  ['another limit', cost({ limit: 'month' }), day(100, 0), 'other'],
  ['a call of its own address', { kind: 'webhook' }, { kind: 'webhook', triggerId: id }, 'match'],
  [
    'a call of another address',
    { kind: 'webhook' },
    { kind: 'webhook', triggerId: triggerId.parse('trg_01kb0000000000000000000002') },
    'other',
  ],
  ['something else', { kind: 'webhook' }, back, 'other'],
]

test.each(cases)('%s', (_, when, happened, told) => {
  const parsed: TriggerWhen = triggerWhen.parse(when)
  const match = matchOf({ id, when: parsed }, happened, [nas, pi])
  expect(match.kind === 'miss' ? match.field : match.kind).toBe(told)
})

test('of several findings, the one that fits is named', () => {
  const findings = [
    { key: 'a', rule: 'a', severity: 'info', state: 'new', title: 'small' },
    { key: 'b', rule: 'b', severity: 'critical', state: 'worse', title: 'big' },
  ] as const
  const when = triggerWhen.parse(finding({ states: ['worse'], least: 'high' }))
  const match = matchOf({ id, when }, run({ findings }), [nas])
  expect(match).toMatchObject({ kind: 'match', cause: { title: 'big', nodeName: 'nas' } })
})
