import { describe, expect, test } from 'vitest'
import type { ExecutionId } from '../../contract/ids.ts'
import type { Repository } from '../../contract/repositories.ts'
import { repositories } from '../fixtures.ts'
import { drillOf } from './drill.ts'
import { byUrgency, countProven, proofOf } from './standing.ts'

const now = Date.parse('2026-11-26T12:00:00.000Z')
const daysAgo = (days: number) => new Date(now - days * 86_400_000).toISOString()
const executionId = 'exe_01jd8z00000000000000000001' as ExecutionId
const proof = (days: number) => ({ at: daysAgo(days), executionId, files: 50, bytes: 1, identical: 50 })
const drill = (days: number, isProved: boolean) => ({ at: daysAgo(days), executionId, isProved, why: null })
const [some] = repositories
if (!some) throw new Error('no repository among the fixtures')
const like = (given: Partial<Repository>): Repository => ({ ...some, proof: null, drill: null, ...given })

describe('what is known about restores', () => {
  test.each<[string, Partial<Repository>, string]>([
    ['one came back yesterday', { proof: proof(1), drill: drill(1, true) }, 'proven'],
    ['one came back ninety days ago', { proof: proof(90) }, 'proven'],
    ['one came back longer ago', { proof: proof(91) }, 'aged'],
    ['a later one failed', { proof: proof(9), drill: drill(1, false) }, 'failed'],
    ['the only one failed', { drill: drill(1, false) }, 'failed'],
    ['nobody tried', {}, 'never'],
    ['nobody can without the password', { state: 'outside', secret: null }, 'locked-out'],
    [
      'the password is there now',
      { state: 'outside', secret: { setAt: daysAgo(0), variables: [] } },
      'never',
    ],
    ['archives are not restored here', { kind: 'archives' }, 'none'],
  ])('%s', (_, given, expected) => {
    expect(proofOf(like(given), now)).toBe(expected)
  })

  test('what cannot be proved does not count', () => {
    const all = [like({ proof: proof(1) }), like({}), like({ kind: 'vzdump' })]
    expect(countProven(all, now)).toEqual({ proven: 1, of: 2 })
  })

  test('what is broken comes first, then what was never proved', () => {
    const findings = { critical: 0, high: 0, warning: 0, info: 0 }
    const fine = like({ location: '/fine', proof: proof(1), findings })
    const never = like({ location: '/never', findings })
    const broken = like({ location: '/broken', proof: proof(1), findings: { ...findings, critical: 1 } })
    expect([fine, never, broken].sort(byUrgency(now)).map(({ location }) => location)).toEqual([
      '/broken',
      '/never',
      '/fine',
    ])
  })

  test('a drill looks at its repository and at nothing else', () => {
    expect(drillOf(like({ kind: 'borg', location: '/srv/b' })).options).toEqual({
      targets: ['borg:/srv/b'],
      discover: false,
      restore_drill: true,
    })
  })
})
