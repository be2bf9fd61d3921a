import { expect, test } from 'vitest'
import { executionId, nodeId } from '../../contract/ids.ts'
import type { Finding } from '../../contract/reports.ts'
import { byUrgencyIn, worstOf } from './rank.ts'
import { toVerdict } from './verdict.ts'

const now = executionId.parse(`exe_${'1'.repeat(26)}`)
const earlier = executionId.parse(`exe_${'0'.repeat(26)}`)
const finding = (over: Partial<Finding> = {}): Finding => ({
  key: 'disk.full:/var',
  rule: 'disk.full',
  severity: 'critical',
  subject: '/var',
  title: '/var is 97 % full',
  evidence: {},
  fix: null,
  confidence: 'certain',
  state: 'new',
  nodeId: nodeId.parse(`nod_${'0'.repeat(26)}`),
  agentId: 'system-health',
  firstSeenAt: '2026-11-01T00:00:00.000Z',
  lastSeenAt: '2026-11-01T00:00:00.000Z',
  resolvedAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  executionId: now,
  ...over,
})
const warning = finding({ severity: 'warning', subject: 'clock', title: 'The clock is not synchronised' })
const anna = { acknowledgedAt: '2026-11-01T00:00:00.000Z', acknowledgedBy: 'user:anna' }
const gap = (what: string) => ({ what, why: 'not allowed', remedy: null })

type Outlook = Parameters<typeof toVerdict>[0]
const base: Outlook = {
  findings: [],
  gaps: [],
  sections: new Map(Array.from({ length: 14 }, (_, index) => [`section${index}`, 'ok'])),
  status: 'ok',
  executionId: now,
}

test.each<[Partial<Outlook>, string]>([
  [{}, 'All is well: 14 areas checked, nothing needs you.'],
  [{ sections: new Map() }, 'All is well: nothing needs you.'],
  [{ sections: new Map([['disks', 'ok']]) }, 'All is well: 1 area checked, nothing needs you.'],
  [{ findings: [finding()] }, '1 thing needs you: /var is 97 % full.'],
  [{ findings: [finding({ title: 'Full.\n' })] }, '1 thing needs you: Full.'],
  [{ findings: [finding(), warning, warning] }, '3 things need you, worst: /var is 97 % full.'],
  [{ findings: [finding({ severity: 'info' })] }, 'All is well: 14 areas checked, nothing needs you.'],
  [{ findings: [finding({ confidence: 'low' })] }, 'All is well: 14 areas checked, nothing needs you.'],
  [{ findings: [finding({ state: 'resolved' })] }, 'All is well: 14 areas checked, nothing needs you.'],
  [{ findings: [finding(anna)] }, 'All is well: 14 areas checked, nothing new needs you (1 acknowledged).'],
  [{ findings: [finding(anna), warning] }, '1 thing needs you: The clock is not synchronised.'],
  [
    { findings: [finding({ state: 'better', executionId: earlier })] },
    'All is well: 14 areas checked, nothing needs you. 1 finding not seen again; one more run like this resolves it.',
  ],
  [
    { findings: [finding({ state: 'known', executionId: earlier })], gaps: [gap('disks')] },
    '1 thing needs you: /var is 97 % full. Not wholly seen: disks.',
  ],
  [
    { gaps: [gap('auth'), gap('ports'), gap('ports: udp')], status: 'partial' },
    '14 areas checked, nothing needs you in what could be seen. Not wholly seen: auth, ports.',
  ],
  [
    { gaps: ['a', 'b', 'c', 'd', 'e', 'f'].map(gap), sections: new Map() },
    'Nothing needs you in what could be seen. Not wholly seen: a, b, c, d and 2 more.',
  ],
  [
    { status: 'timeout', findings: [warning] },
    'The agent ran out of time, so this is only part of the picture. 1 thing needs you: The clock is not synchronised.',
  ],
  [
    { status: 'error' },
    'The agent failed on the way, so this is only part of the picture. 14 areas checked, nothing needs you in what could be seen.',
  ],
])('%o reads well', (outlook, sentence) => {
  expect(toVerdict({ ...base, ...outlook })).toBe(sentence)
})

test('a hostile title stays one line without control characters', () => {
  const title = `evil\u001b]0;title\u0007\nAll is well.\u202e${'x'.repeat(5_000)}`
  const verdict = toVerdict({ ...base, findings: [finding({ title })] })
  expect(verdict).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(verdict.length).toBeLessThan(250)
})

test('findings come most severe first, the acknowledged and the resolved behind', () => {
  const resolved = finding({ state: 'resolved' })
  const known = finding({ state: 'known', subject: '/a' })
  const acknowledged = finding({ state: 'new', ...anna })
  const fading = finding({ state: 'better', executionId: earlier })
  const sorted = [resolved, fading, warning, acknowledged, known, finding()].toSorted(byUrgencyIn(now))
  expect(sorted).toEqual([finding(), known, acknowledged, warning, fading, resolved])
})

test.each<[Finding[], string | null]>([
  [[], null],
  [[warning, finding({ severity: 'high' })], 'high'],
  [[finding({ state: 'resolved' }), finding({ severity: 'info' })], 'info'],
  [[finding(anna), warning], 'warning'],
  [[finding({ state: 'better', executionId: earlier })], null],
])('the worst of what is open', (findings, worst) => {
  expect(worstOf(findings, now)).toBe(worst)
})
