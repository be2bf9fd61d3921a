import { describe, expect, test } from 'vitest'
import { parseChallenge, readToken, toTokenUrl } from './challenge.ts'
import { freshMs, restMs, restOfHostMs } from './freshness.ts'
import { type ImageFact, readImages } from './images.ts'
import type { Answer } from './lookups.ts'
import { keyOf, parseReference } from './reference.ts'
import { judgeImage } from './rules.ts'
import { findNewer } from './versions.ts'

const hub = 'registry-1.docker.io'

describe('names of images', () => {
  test.each([
    ['nginx', `${hub}/library/nginx:latest`],
    ['nginx:1.27-alpine', `${hub}/library/nginx:1.27-alpine`],
    ['me/app:1', `${hub}/me/app:1`],
    ['docker.io/nginx:1', `${hub}/library/nginx:1`],
    ['index.docker.io/me/app', `${hub}/me/app:latest`],
    ['ghcr.io/a/b/c__d:v1.2', 'ghcr.io/a/b/c__d:v1.2'],
    ['NAS.lan:5000/app', 'nas.lan:5000/app:latest'],
    ['nas:5000/app', 'nas:5000/app:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['[fd00::5]:5000/app:1', '[fd00::5]:5000/app:1'],
  ])('%s is %s', (name, key) => {
    const reference = parseReference(name)
    expect(reference && keyOf(reference)).toBe(key)
    expect(reference?.name).toBe(name)
  })

  test.each([
    ['a digest', `nginx@sha256:${'0'.repeat(64)}`],
    ['a way out of the path', 'nas.lan/../../admin'],
    ['an encoded one', 'nas.lan/%2e%2e/admin'],
    ['a question', 'nas.lan/app?x=1:1'],
    ['a user', 'user@nas.lan/app'],
    ['a line of its own', 'nas.lan/app:1\r\nX: y'],
    ['capitals', 'nas.lan/App'],
    ['nothing', ''],
    ['a host alone', 'nas.lan:5000/'],
    ['more than names may have', `nas.lan/${'a'.repeat(260)}`],
    ['another protocol', 'file:///etc/passwd'],
  ])('%s names nothing that could be asked for: %s', (_, name) => {
    expect(parseReference(name)).toBeNull()
  })

  test('one that would take for ever to read is read at once', () => {
    const begun = performance.now()
    expect(parseReference(`${'a-'.repeat(120)}!`)).toBeNull()
    expect(parseReference(`${'a.'.repeat(125)}/`)).toBeNull()
    expect(performance.now() - begun).toBeLessThan(200)
  })
})

describe('higher versions', () => {
  const tags = (
    '1.25 1.27 1.27.3 1.25-alpine 1.26-alpine 1.28-rc1 2.0 2.1-alpine latest v1.9 v1.30 17 16 18 20260301 ' +
    '1.27-alpine3.19 1.27-alpine3.20 3.0.0-beta.1'
  ).split(' ')
  test.each([
    ['1.25', '1.27', '2.0'],
    ['1.27', null, '2.0'],
    ['2.0', null, null],
    ['1.25-alpine', '1.26-alpine', '2.1-alpine'],
    ['1.27.2', '1.27.3', null],
    ['v1.9', 'v1.30', null],
    ['16', null, '18'],
    ['1.26-alpine3.19', '1.27-alpine3.19', null],
    ['1.28-rc0', null, null],
    ['1.27-rc1', '1.28-rc1', null],
    ['latest', null, null],
    ['20250101', null, null],
    ['stable', null, null],
    ['2.9.9-beta.1', null, '3.0.0-beta.1'],
  ])('%s is followed by %s and %s', (tag, same, major) => {
    expect(findNewer(tag, tags)).toEqual(same || major ? { same, major } : null)
  })
})

describe('who gives tokens', () => {
  const registry = new URL('http://nas.lan:5000')
  test.each([
    [
      'Bearer realm="https://auth.example/token",service="reg"',
      'https://auth.example/token?service=reg&scope=repository%3Aa%2Fb%3Apull',
    ],
    [
      'bearer realm="https://auth.example/t?x=1"',
      'https://auth.example/t?x=1&scope=repository%3Aa%2Fb%3Apull',
    ],
    ['Bearer realm="http://nas.lan:5000/token"', 'http://nas.lan:5000/token?scope=repository%3Aa%2Fb%3Apull'],
    ['Bearer realm="http://elsewhere.lan/token"', null],
    ['Bearer realm="file:///etc/passwd"', null],
    ['Bearer realm="nonsense"', null],
    ['Basic realm="https://auth.example/"', null],
    [null, null],
    [`Bearer realm="https://auth.example/${'x'.repeat(5_000)}"`, null],
  ])('%s: %s', (header, url) => {
    const challenge = parseChallenge(header, registry)
    expect(challenge && toTokenUrl(challenge, 'a/b').href).toBe(url)
  })

  test.each([
    [{ token: 'abc.def' }, 'abc.def'],
    [{ access_token: 'abc' }, 'abc'],
    [{ token: 'a\r\nX-Evil: 1' }, null],
    [{ token: 7 }, null],
    [{}, null],
    ['abc', null],
    [null, null],
  ])('the token of %o is %s', (answer, token) => {
    expect(readToken(answer)).toBe(token)
  })
})

describe('how long an answer counts', () => {
  test('between 6 and 24 hours, not the same for all, always the same for one', () => {
    const all = Array.from({ length: 200 }, (_, n) => restMs(`nas/app:${n}`, null))
    expect(Math.min(...all)).toBeGreaterThanOrEqual(freshMs.least)
    expect(Math.max(...all)).toBeLessThanOrEqual(freshMs.most)
    expect(new Set(all).size).toBeGreaterThan(190)
    expect(restMs('nas/app:7', null)).toBe(all[7])
  })

  test.each([
    [null, 3_600_000],
    [0, 60_000],
    [600, 600_000],
    [9_999_999, 43_200_000],
  ])('a registry that says %s is left alone for %i ms', (said, ms) => {
    expect(restOfHostMs(said)).toBe(ms)
  })
})

const now = new Date('2026-03-01T12:00:00.000Z')
const limits = {
  registry: 'server',
  newer_versions: true,
  max_images: 200,
  image_warn_days: 90,
  update_warn_days: 30,
} as const
const here = `sha256:${'1'.repeat(64)}`
const there = `sha256:${'2'.repeat(64)}`
const daysAgo = (days: number) => now.getTime() / 1_000 - days * 86_400
const image = (given: Partial<ImageFact> = {}): ImageFact => ({
  name: 'nginx:1.27',
  containers: ['web'],
  digests: [here],
  created: daysAgo(5),
  state: 'unchecked',
  ...given,
})
const known = (digest: string, days = 0): Answer => ({
  kind: 'known',
  digest,
  since: new Date(now.getTime() - days * 86_400_000).toISOString(),
  lookedAt: now.toISOString(),
})

describe('what is told of an image', () => {
  test.each<[string, Partial<ImageFact>, Answer, string, [string, string][]]>([
    ['current', {}, known(here), 'current', []],
    ['current by any of its digests', { digests: [there, here] }, known(here), 'current', []],
    ['behind', {}, known(there), 'outdated', [['img.update', 'info']]],
    ['behind and 90 days old', { created: daysAgo(90) }, known(there), 'outdated', [['img.update', 'info']]],
    [
      'behind and 91 days old',
      { created: daysAgo(91) },
      known(there),
      'outdated',
      [['img.update', 'warning']],
    ],
    ['behind for 30 days', {}, known(there, 30), 'outdated', [['img.update', 'info']]],
    ['behind for 31 days', {}, known(there, 31), 'outdated', [['img.update', 'warning']]],
    ['behind, of an unknown age', { created: null }, known(there), 'outdated', [['img.update', 'info']]],
    ['not there once', {}, { kind: 'gone', looks: 1, lookedAt: '' }, 'gone', []],
    ['not there twice', {}, { kind: 'gone', looks: 2, lookedAt: '' }, 'gone', [['img.tag_gone', 'warning']]],
    ['not answered', {}, { kind: 'unknown', why: 'failed' }, 'error', []],
    ['asked too often', {}, { kind: 'unknown', why: 'busy' }, 'error', []],
  ])('%s', (_, given, answer, state, findings) => {
    const judged = judgeImage({ image: image(given), answer, newer: null }, limits, now)
    expect(judged.state).toBe(state)
    expect(judged.findings.map(({ id, severity }) => [id, severity])).toEqual(findings)
    expect(judged.gap === null).toBe(state !== 'error')
  })

  test('higher versions, those that begin with another number apart', () => {
    const newer = { same: '1.29', major: '2.0' }
    const { findings } = judgeImage({ image: image(), answer: known(here), newer }, limits, now)
    expect(findings).toMatchObject([
      {
        id: 'img.newer_version',
        severity: 'info',
        key: 'img.newer_version:nginx:1.27',
        title: 'nginx:1.27 runs, 1.29 is out, and 2.0',
        evidence: { newest: '1.29', newest_major: '2.0' },
      },
    ])
    const only = judgeImage(
      { image: image(), answer: known(here), newer: { same: null, major: '2.0' } },
      limits,
      now,
    )
    expect(only.findings[0]?.title).toBe('nginx:1.27 runs, 2.0 is out')
  })
})

describe('the word of a node', () => {
  const row = { name: 'nginx:1', containers: ['web'], digests: [here], created: 1, state: 'unchecked' }
  test('odd rows are left as they are, odd parts of good ones are left out', () => {
    const rows = [
      row,
      { ...row, name: 7 },
      null,
      'x',
      { ...row, name: 'b', digests: 'x', created: -1, answer: { digest: 'x' } },
    ]
    const read = readImages({ lookup: limits, images: rows })
    expect([...(read?.images.values() ?? [])]).toEqual([
      row,
      { ...row, name: 'b', digests: [], created: null, answer: undefined },
    ])
  })

  test.each([
    ['no list', { lookup: limits, images: 'x' }],
    ['no word of how', { images: [row] }],
    ['another way than there is', { lookup: { ...limits, registry: 'all' }, images: [row] }],
    ['limits beyond reason', { lookup: { ...limits, max_images: 1e9 }, images: [row] }],
  ])('%s is nothing to look up', (_, facts) => {
    expect(readImages(facts)).toBeNull()
  })

  test('no more than it may run', () => {
    const rows = Array.from({ length: 900 }, (_, n) => ({ ...row, name: `a${n}` }))
    expect(readImages({ lookup: limits, images: rows })?.images.size).toBe(500)
  })
})
