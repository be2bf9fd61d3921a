import { describe, expect, test } from 'vitest'
import { sampleReport } from '../../../testbed/sample-report.ts'
import { toSent } from '../redact/sent.ts'
import { hold, holdAnswer } from './lock.ts'

const sent = toSent(sampleReport)
const idOf = (ref: string) => [...sent.items.values()].find((item) => item.ref === ref)?.id ?? 'none'
const disk = idOf('disk.full:/var')
const backup = idOf('svc.failed:backup.service')
const host = idOf('host')

const claim = (text: string, evidence: string[] = [disk], quotes: string[] = []) => ({
  text,
  evidence,
  quotes,
})
const doubtOf = (said: ReturnType<typeof claim>) => {
  const held = hold(said, sent)
  return held.kind === 'falls' ? held.doubt : 'stands'
}

describe('a claim stands', () => {
  test.each([
    ['with a number of its evidence', claim('/var is 97 % full.')],
    ['with bytes in another unit', claim('Only 3 GB are free on /var, 97 GB are used.')],
    ['with seconds as days', claim('It has been up for 41 days.', [host])],
    ['with exact words', claim('It says “repository is locked”.', [backup])],
    ['with exact words beside it', claim('Something holds it.', [backup], ['repository is locked'])],
    ['with a unit of the run', claim('backup.service has failed.', [backup])],
    ['without numbers', claim('The disk is nearly full, e.g. by logs.')],
  ])('%s', (_, said) => {
    expect(doubtOf(said)).toBe('stands')
  })
})

describe('a claim falls', () => {
  test.each([
    ['without evidence', claim('All is well.', []), 'no-evidence'],
    ['with evidence that does not exist', claim('A finding.', ['F99']), 'unknown-id'],
    ['naming such evidence in its text', claim('See F99.'), 'unknown-id'],
    ['with a number of nowhere', claim('/var is 42 % full.'), 'wrong-number'],
    ['with a number of other evidence', claim('Exit status 7.', [disk]), 'wrong-number'],
    ['with a number rounded in its favour', claim('/var is 100 % full.'), 'wrong-number'],
    ['with words nobody said', claim('It says “disk is healthy”.', [backup]), 'not-quoted'],
    ['with such words beside it', claim('Healthy.', [backup], ['all is well']), 'not-quoted'],
    ['with a unit that is not there', claim('postgres.service has failed.', [backup]), 'unknown-name'],
    ['with a path that is not there', claim('Look into /etc/shadow.'), 'unknown-name'],
    ['with an alias nobody was given', claim('HOST_9 is down.'), 'unknown-name'],
    ['with a link', claim('See https://example.org for more.'), 'has-link'],
    ['with an image', claim('![x](//evil/x.png)'), 'has-link'],
    ['with markup', claim('<img src=x>'), 'has-link'],
    ['with a secret', claim('The password is hunter2.'), 'has-secret'],
    ['without words', claim(' \u200b '), 'empty'],
  ])('%s', (_, said, doubt) => {
    expect(doubtOf(said)).toBe(doubt)
  })
})

test('a planted false claim, number and quote are each left out and counted', () => {
  const held = holdAnswer(
    {
      verdict: claim('/var is 97 % full.'),
      happened: [claim('/var is 42 % full.'), claim('It was the cat.', ['F77']), claim('Logs grew.')],
      look_at: [claim('It says “all fine here”.', [backup])],
      suggestions: [
        { finding: disk, ...claim('Remove old logs.', []) },
        { finding: 'F99', ...claim('Do something else.') },
        { finding: host, ...claim('Close the finding.') },
      ],
    },
    sent,
  )
  expect(held.dropped).toBe(5)
  expect(held.verdict?.evidence).toEqual([
    { kind: 'finding', ref: 'disk.full:/var', label: '/var is 97 % full' },
  ])
  expect(held.happened.map(({ text }) => text)).toEqual(['Logs grew.'])
  expect(held.lookAt).toEqual([])
  expect(held.suggestions.map(({ findingKey }) => findingKey)).toEqual(['disk.full:/var'])
})

test('real names come back, and short names of evidence go', () => {
  expect(hold(claim(`HOST_1 has little room (${disk}).`), sent)).toMatchObject({
    claim: { text: 'nas has little room.' },
  })
})
