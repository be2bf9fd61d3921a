import { expect, test } from 'vitest'
import { takesGzip } from './packing.ts'

test.each([
  [undefined, false],
  ['', false],
  ['identity', false],
  ['br', false],
  ['gzip', true],
  ['gzip, deflate, br, zstd', true],
  ['br;q=1.0, GZIP;q=0.8', true],
  ['gzip;q=0', false],
  ['gzip; q=0.000, br', false],
  ['x-gzip', false],
])('Accept-Encoding %j takes gzip: %j', (accepted, takes) => {
  expect(takesGzip(accepted)).toBe(takes)
})
