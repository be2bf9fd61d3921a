import { expect, test } from 'vitest'
import { installWay } from './install-way.ts'

const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36'
const iPhone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1'
const mac =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15'
const macChrome =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36'
const plain = { isApp: false, hasOffer: false, isSecure: true, userAgent: chrome, touchPoints: 0 }

test.each([
  ['in a window of its own', { isApp: true, hasOffer: true }, 'installed'],
  ['offered by the browser', { hasOffer: true }, 'offer'],
  ['over plain HTTP', { isSecure: false }, 'insecure'],
  ['an iPhone', { userAgent: iPhone, touchPoints: 5 }, 'ios'],
  ['an iPad, which says it is a Mac', { userAgent: mac, touchPoints: 5 }, 'ios'],
  ['Safari of a Mac', { userAgent: mac }, 'mac'],
  ['Chrome of a Mac, declined before', { userAgent: macChrome }, 'menu'],
  ['Chrome, declined before', {}, 'menu'],
] as const)('%s', (_, seen, way) => {
  expect(installWay({ ...plain, ...seen })).toBe(way)
})
