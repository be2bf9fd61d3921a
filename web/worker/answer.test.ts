import { expect, test } from 'vitest'
import { answerTo, isAnswer, isOfBuild, toKeptPage } from './answer.ts'

const files = new Set(['assets/index-abc.js', 'boot.js?b1'])

test.each([
  ['navigate', 'GET', '', 'page'],
  ['navigate', 'GET', 'nodes/node_1?tab=facts', 'page'],
  ['navigate', 'GET', 'login', 'page'],
  ['navigate', 'GET', 'api/docs', 'pass'],
  ['navigate', 'GET', 'api?x', 'pass'],
  ['navigate', 'GET', 'healthz', 'pass'],
  ['navigate', 'POST', 'nodes', 'pass'],
  ['cors', 'GET', 'api/v1/nodes', 'pass'],
  ['cors', 'GET', 'assets/index-abc.js', 'file'],
  ['no-cors', 'GET', 'boot.js?b1', 'file'],
  // Of another build.
  ['no-cors', 'GET', 'boot.js?b2', 'pass'],
  ['cors', 'GET', 'assets/index-def.js', 'pass'],
  ['cors', 'HEAD', 'assets/index-abc.js', 'pass'],
] as const)('%s %s %s is answered with: %s', (mode, method, path, answer) => {
  for (const scope of ['https://carl.lan/', 'https://lan/lab/runner/']) {
    expect(answerTo({ mode, method, url: `${scope}${path}` }, scope, files)).toBe(answer)
  }
})

test('what lies beside the base path is no concern of the worker', () => {
  for (const url of ['https://lan/', 'https://lan/lab/runners', 'https://elsewhere/lab/runner/']) {
    expect(answerTo({ mode: 'navigate', method: 'GET', url }, 'https://lan/lab/runner/', files)).toBe('pass')
  }
})

test.each([
  ['a page', 200, true, true],
  ['a refusal', 404, false, true],
  ['a server that is sealed', 503, true, true],
  ['nginx, for a server that is away', 502, false, false],
  ['a proxy that waited in vain', 504, false, false],
])('%s counts as an answer of the server or not', (_, status, hasPolicy, expected) => {
  expect(isAnswer({ status, headers: { has: () => hasPolicy } })).toBe(expected)
})

test('the kept page asks nothing ahead, says what it is, and of which build', () => {
  const page = '<html data-base="" data-signed-in="yes" data-build="b1" data-kept="">'
  expect(toKeptPage(page)).toBe('<html data-base="" data-signed-in="" data-build="b1" data-kept="yes">')
  expect([isOfBuild(page, 'b1'), isOfBuild(page, 'b2')]).toEqual([true, false])
})
