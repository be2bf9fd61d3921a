import { expect, test } from 'vitest'
import { isPagePath } from './page-path.ts'

test.each([
  ['/', true],
  ['/login', true],
  ['/nodes/node_01', true],
  ['/nodes/my%20nas', true],
  ['/apis', true],
  ['/welcome', true],
  ['/api', false],
  ['/api/', false],
  ['/api/docs/nothing', false],
  ['/%61pi/v1/nodes', false],
  ['/assets/index.js', false],
  ['/healthz/more', false],
  ['/readyz', false],
  ['/../etc/passwd', false],
  ['/..%2f..%2fetc/passwd', false],
  ['/%2e%2e/etc/passwd', false],
  ['/nodes/./x', false],
  ['/nodes/', true],
  ['//nodes', false],
  ['/nodes%5c..%5cx', false],
  ['/nodes/%00', false],
  ['/nodes/%0d%0ax', false],
  ['/%zz', false],
])('%s is a page: %s', (path, expected) => {
  expect(isPagePath(path, '')).toBe(expected)
  expect(isPagePath(`/lab/runner${path}`, '/lab/runner')).toBe(expected)
  expect(isPagePath(path, '/lab/runner')).toBe(false)
})
