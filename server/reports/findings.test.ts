import { describe, expect, test } from 'vitest'
import { type AgentFinding, agentFinding, type Gap } from '../../contract/agent-protocol.ts'
import { executionId, nodeId } from '../../contract/ids.ts'
import { type KeptFinding, settleFindings } from './findings.ts'

const node = nodeId.parse(`nod_${'0'.repeat(26)}`)
const full = (over: Partial<AgentFinding> = {}): AgentFinding =>
  agentFinding.parse({
    id: 'disk.full',
    severity: 'warning',
    subject: '/var',
    key: 'disk.full:/var',
    title: '/var is 90 % full',
    evidence: { pct: 90 },
    fix: null,
    confidence: 'certain',
    ...over,
  })

interface Look {
  seen?: AgentFinding[]
  gaps?: Gap[]
  sections?: [string, 'ok' | 'error'][]
  status?: 'ok' | 'partial' | 'timeout' | 'cancelled' | 'error'
}
const allSections: [string, 'ok'][] = [
  ['disks', 'ok'],
  ['services', 'ok'],
]
const gap = (what: string): Gap => ({ what, why: 'no right to read it', remedy: null })

/** Lets runs follow each other, a day apart, and returns what is kept after each. */
function follow(
  looks: Look[],
  between: (kept: KeptFinding[]) => KeptFinding[] = (kept) => kept,
): KeptFinding[][] {
  let kept: KeptFinding[] = []
  return looks.map(({ seen = [], gaps = [], sections = allSections, status = 'ok' }, day) => {
    const settled = settleFindings(kept, {
      nodeId: node,
      agentId: 'system-health',
      executionId: executionId.parse(`exe_${String(day).padStart(26, '0')}`),
      at: `2026-11-${String(day + 1).padStart(2, '0')}T00:00:00.000Z`,
      collected: { findings: seen, gaps, sections: new Map(sections), status },
    })
    // The database gives back resolved findings only if they are seen again; keeping all is the harder case.
    kept = between(settled)
    return settled
  })
}

const seen = (over?: Partial<AgentFinding>): Look => ({ seen: [full(over)] })
const clean: Look = {}

test.each<[what: string, looks: Look[], states: string[]]>([
  ['a problem opens at once', [seen()], ['new']],
  ['a problem that stays is known', [seen(), seen(), seen()], ['new', 'known', 'known']],
  [
    'one clean run makes it better, the second resolves it',
    [seen(), clean, clean],
    ['new', 'better', 'resolved'],
  ],
  [
    'seen again after one clean run it was never away',
    [seen(), clean, seen(), clean],
    ['new', 'better', 'known', 'better'],
  ],
  [
    'seen again after it was resolved it is new',
    [seen(), clean, clean, seen()],
    ['new', 'better', 'resolved', 'new'],
  ],
  ['a rise in severity is worse', [seen(), seen({ severity: 'critical' })], ['new', 'worse']],
  ['a fall in severity is better', [seen({ severity: 'critical' }), seen()], ['new', 'better']],
  ['three points more are worse', [seen(), seen({ evidence: { pct: 93 } })], ['new', 'worse']],
  ['two points more are nothing', [seen(), seen({ evidence: { pct: 92 } })], ['new', 'known']],
  ['three points less are better', [seen(), seen({ evidence: { pct: 87 } })], ['new', 'better']],
  [
    'severity counts before evidence',
    [seen({ severity: 'critical', evidence: { pct: 90 } }), seen({ evidence: { pct: 99 } })],
    ['new', 'better'],
  ],
])('%s', (_, looks, states) => {
  expect(follow(looks).map((kept) => kept[0]?.state)).toEqual(states)
})

test.each<[what: string, blind: Look]>([
  ['a gap in its section', { gaps: [gap('disks')] }],
  ['a gap named with more words', { gaps: [gap('disks: /mnt/nas did not answer')] }],
  [
    'a failed section',
    {
      sections: [
        ['disks', 'error'],
        ['services', 'ok'],
      ],
    },
  ],
  ['a section that was not looked at', { sections: [['services', 'ok']] }],
  ['a run that ran out of time', { status: 'timeout' }],
  ['a run that was cancelled', { status: 'cancelled' }],
  ['a run that failed', { status: 'error' }],
  ['an unknown gap of an agent that names no sections', { sections: [], gaps: [gap('something odd')] }],
])('%s never resolves a finding', (_, blind) => {
  const runs = follow([seen(), blind, blind, blind])
  expect(runs.map((kept) => kept[0]?.state)).toEqual(['new', 'known', 'known', 'known'])
  expect(runs.at(-1)?.[0]).toMatchObject({ resolvedAt: null, absentRuns: 0 })
})

test.each<[what: string, look: Look]>([
  ['a gap elsewhere', { gaps: [gap('auth')] }],
  [
    'a failed section elsewhere',
    {
      sections: [
        ['disks', 'ok'],
        ['auth', 'error'],
      ],
      gaps: [gap('auth')],
    },
  ],
  ['an unknown gap beside a section that was looked at', { gaps: [gap('something odd')] }],
  ['no sections at all and no gaps', { sections: [] }],
])('%s does not keep a finding open', (_, look) => {
  expect(follow([seen(), look, look]).map((kept) => kept[0]?.state)).toEqual(['new', 'better', 'resolved'])
})

test('a gap between two clean runs interrupts nothing and counts for nothing', () => {
  const states = follow([seen(), clean, { gaps: [gap('disks')] }, clean]).map((kept) => kept[0]?.state)
  expect(states).toEqual(['new', 'better', 'known', 'resolved'])
})

test('a finding of a rule that nobody knows is resolved only by runs without any gap', () => {
  const odd = full({ id: 'garden.dry', key: 'garden.dry:lawn', subject: 'lawn' })
  const states = (look: Look) => follow([{ seen: [odd] }, look, look]).map((kept) => kept[0]?.state)
  expect(states({ gaps: [gap('auth')] })).toEqual(['new', 'known', 'known'])
  expect(states(clean)).toEqual(['new', 'better', 'resolved'])
  expect(states({ gaps: [gap('auth')], sections: [['garden', 'ok']] })).toEqual(['new', 'better', 'resolved'])
})

const acknowledge = (kept: KeptFinding[]): KeptFinding[] =>
  kept.map((finding) =>
    finding.state === 'new'
      ? { ...finding, acknowledgedAt: '2026-11-01T12:00:00.000Z', acknowledgedBy: 'user:anna' }
      : finding,
  )

test.each<[what: string, looks: Look[], by: string | null]>([
  ['stays while nothing moves', [seen(), seen()], 'user:anna'],
  ['stays when it gets better', [seen({ severity: 'critical' }), seen()], 'user:anna'],
  ['stays through one clean run', [seen(), clean, seen()], 'user:anna'],
  ['ends when the severity rises', [seen(), seen({ severity: 'critical' })], null],
  ['ends when the evidence grows', [seen(), seen({ evidence: { pct: 96 } })], null],
])('an acknowledgement %s', (_, looks, by) => {
  expect(follow(looks, acknowledge).at(-1)?.[0]?.acknowledgedBy).toBe(by)
})

test('a finding that comes back begins a new life, without the old acknowledgement', () => {
  const [, , resolved, again] = follow([seen(), clean, clean, seen()], (kept) => acknowledge(kept))
  expect(resolved?.[0]).toMatchObject({
    firstSeenAt: '2026-11-01T00:00:00.000Z',
    resolvedAt: '2026-11-03T00:00:00.000Z',
  })
  expect(again?.[0]).toMatchObject({
    firstSeenAt: '2026-11-04T00:00:00.000Z',
    resolvedAt: null,
    acknowledgedBy: null,
    absentRuns: 0,
  })
})

test('what is not seen keeps the words and the execution of the run that saw it last', () => {
  const [, after] = follow([seen(), clean])
  expect(after?.[0]).toMatchObject({
    title: '/var is 90 % full',
    lastSeenAt: '2026-11-01T00:00:00.000Z',
    executionId: `exe_${'0'.repeat(26)}`,
  })
})

describe('an agent that looks at one thing after another', () => {
  const stale = (place: string): AgentFinding =>
    full({ id: 'backup.stale', subject: `${place} [nas]`, key: `backup.stale:${place} [nas]` })
  const looked = (...steps: string[]): [string, 'ok'][] => steps.map((step) => [`backup: ${step}`, 'ok'])
  const none = { id: 'backup.no_targets', subject: 'this node', key: 'backup.no_targets:this node' }

  test.each<[what: string, first: AgentFinding, then: Look, resolves: boolean]>([
    ['a run that looked there', stale('/srv/b'), { sections: looked('/srv/b', '/srv/c') }, true],
    ['a run that looked elsewhere alone', stale('/srv/b'), { sections: looked('/srv/c') }, false],
    ['a place that only begins alike', stale('/srv/b2'), { sections: looked('/srv/b') }, false],
    ['a step that failed', stale('/srv/b'), { sections: [['backup: /srv/b', 'error']] }, false],
    [
      'a gap there',
      stale('/srv/b'),
      { sections: looked('/srv/b'), gaps: [gap('backup: /srv/b: drill')] },
      false,
    ],
    [
      'a gap elsewhere',
      stale('/srv/b'),
      { sections: looked('/srv/b', '/c'), gaps: [gap('backup: /c: drill')] },
      true,
    ],
    [
      'a gap of the search',
      stale('/srv/b'),
      { sections: looked('/srv/b'), gaps: [gap('discover: /mnt')] },
      true,
    ],
    [
      'a step whose long name was cut',
      stale(`/${'x'.repeat(150)}`),
      { sections: looked(`/${'x'.repeat(90)}…`) },
      true,
    ],
    ['nothing looked at', stale('/srv/b'), { sections: [['discover', 'ok']] }, false],
    ['a search that found something', full(none), { sections: [['discover', 'ok'], ...looked('/x')] }, true],
    ['no search at all', full(none), { sections: looked('/x') }, false],
  ])('%s', (_, first, then, resolves) => {
    const [last] = follow([{ seen: [first] }, then, then]).at(-1) ?? []
    expect(last?.state).toBe(resolves ? 'resolved' : 'known')
  })
})
