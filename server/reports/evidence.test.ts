import { expect, test } from 'vitest'
import { compareEvidence } from './evidence.ts'

test.each<
  [rule: string, before: Record<string, unknown>, after: Record<string, unknown>, 'worse' | 'better' | 'same']
>([
  ['disk.fs_errors', { errors_count: 1 }, { errors_count: 2 }, 'worse'],
  ['disk.fill_forecast', { days: 12 }, { days: 6 }, 'worse'],
  ['disk.fill_forecast', { days: 12 }, { days: 11 }, 'same'],
  ['disk.fill_forecast', { days: 6 }, { days: 12 }, 'better'],
  ['raid.degraded', { have: 3, want: 4 }, { have: 2, want: 4 }, 'worse'],
  ['raid.degraded', { have: 2, want: 4 }, { have: 3, want: 4 }, 'better'],
  ['time.skew', { skew_s: -40 }, { skew_s: 90 }, 'worse'],
  ['auth.bruteforce', { total: 60 }, { total: 70 }, 'same'],
  ['auth.bruteforce', { total: 60 }, { total: 120 }, 'worse'],
  ['net.packet_loss', { loss_pct: 0 }, { loss_pct: 0 }, 'same'],
  ['svc.restart_loop', { restarts: 0 }, { restarts: 1 }, 'worse'],
  ['some.other', { count: 1 }, { count: 1_000 }, 'same'],
  ['toString', { pct: 1 }, { pct: 90 }, 'same'],
  ['disk.full', { pct: '1' }, { pct: 90 }, 'same'],
  ['disk.full', { pct: Number.NaN }, { pct: 90 }, 'same'],
  ['disk.full', {}, {}, 'same'],
])('%s: %o after %o', (rule, before, after, verdict) => {
  expect(compareEvidence(rule, before, after)).toBe(verdict)
})
