import { describe, expect, test } from 'vitest'
import { sampleReport } from '../../../testbed/sample-report.ts'
import { decideToAsk, type Novelty } from './gate.ts'

const { executionId } = sampleReport
type Given = Novelty['findings'][number]
const finding = (over: Partial<Given> = {}): Given => ({
  rule: 'disk.full',
  severity: 'warning',
  state: 'new',
  acknowledgedAt: null,
  executionId,
  ...over,
})
const change = (path: string, kind: 'added' | 'removed' | 'changed' = 'added') => ({ path, kind })

const cases: readonly [string, Partial<Novelty>, string][] = [
  ['nothing at all', {}, 'no_novelty'],
  ['what is known', { findings: [finding({ state: 'known' }), finding({ state: 'known' })] }, 'no_novelty'],
  ['what is over', { findings: [finding({ state: 'resolved', rule: 'svc.failed' })] }, 'no_novelty'],
  ['one new finding whose cause the rule names', { findings: [finding()] }, 'no_novelty'],
  ['two new findings', { findings: [finding(), finding({ rule: 'upd.security' })] }, 'several_new'],
  [
    'two that are only worth a note',
    { findings: [finding({ severity: 'info' }), finding({ severity: 'info' })] },
    'no_novelty',
  ],
  [
    'two that somebody knows of',
    { findings: [finding({ acknowledgedAt: 'x' }), finding({ acknowledgedAt: 'x' })] },
    'no_novelty',
  ],
  ['one new finding without a cause', { findings: [finding({ rule: 'svc.failed' })] }, 'needs_cause'],
  [
    'one that grew worse, without a cause',
    { findings: [finding({ rule: 'mem.oom_kill', state: 'worse' })] },
    'needs_cause',
  ],
  [
    'one that stays without a cause',
    { findings: [finding({ rule: 'svc.failed', state: 'known' })] },
    'no_novelty',
  ],
  ['a kind of log line never seen here', { hasNewLogTemplate: true }, 'new_log'],
  ['a port that nobody speaks about', { changes: [change('ports.external.tcp/4444')] }, 'unexplained'],
  [
    'a mount that is gone, and nobody says so',
    { changes: [change('disks./mnt/usb', 'removed')] },
    'unexplained',
  ],
  [
    'a mount that is gone, and a rule says so',
    { changes: [change('disks./mnt/usb', 'removed')], findings: [finding({ rule: 'disk.mount_missing' })] },
    'no_novelty',
  ],
  ['a number that moved', { changes: [change('disks./var.used', 'changed')] }, 'no_novelty'],
  ['a package that came', { changes: [change('updates.pkgs.vim')] }, 'no_novelty'],
]

describe('a model is asked, or not, about', () => {
  test.each(cases)('%s', (_, over, wanted) => {
    const novelty = { findings: [], executionId, changes: [], hasNewLogTemplate: false, ...over }
    const verdict = decideToAsk({ isOff: false, isAskedFor: false, novelty })
    expect(verdict.asks ? verdict.because : verdict.reason).toBe(wanted)
    expect(decideToAsk({ isOff: false, isAskedFor: true, novelty })).toMatchObject({ asks: true })
    expect(decideToAsk({ isOff: true, isAskedFor: true, novelty })).toEqual({ asks: false, reason: 'off' })
  })
})
