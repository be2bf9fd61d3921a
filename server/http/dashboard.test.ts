import { connect } from 'node:net'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { errorReply } from '../../contract/errors.ts'
import { builtDashboard } from '../../testbed/dashboard.ts'
import { httpServer } from '../../testbed/http-server.ts'
import { findDashboard } from './dashboard.ts'

const built = builtDashboard()
const atRoot = httpServer({ dashboard: built.folder })
const below = httpServer({ dashboard: built.folder, config: { basePath: '/lab/runner' } })
afterAll(async () => {
  await Promise.all([atRoot.close(), below.close()])
  built.remove()
})

const asBrowser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const places = [
  { base: '', http: atRoot },
  { base: '/lab/runner', http: below },
]
const codeOf = (body: string) => errorReply.parse(JSON.parse(body)).error.code

describe.each(places)('below "$base"', ({ base, http }) => {
  const asset = `${base}/assets/index-abc123.js`

  test.each(['/', '/login', '/setup', '/welcome', '/executions/exe_1?tab=log', '/nodes/my%20nas'])(
    '%s opens the dashboard, which finds its parts there',
    async (path) => {
      const { statusCode, headers, body } = await http.inject({ url: `${base}${path}`, headers: asBrowser })
      expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
      expect(headers['cache-control']).toBe('no-cache')
      expect(body).toContain(`data-base="${base}"`)
      expect(body).not.toContain('__carl')
      const links = [...body.matchAll(/ (?:href|src)="([^"]+)"/g)].map(([, link]) => link ?? '')
      expect(links).toHaveLength(3)
      for (const link of links) {
        expect([link, (await http.inject({ url: link })).statusCode]).toEqual([link, 200])
      }
    },
  )

  test.each([
    ['carl=abc', 'yes'],
    ['other=1; __Host-carl=abc', 'yes'],
    ['__Secure-carl=abc', 'yes'],
    ['carl=', ''],
    ['mycarl=abc', ''],
    [undefined, ''],
  ])('the cookie %s lets the page ask ahead: "%s"', async (cookie, told) => {
    const headers = { ...asBrowser, ...(cookie && { cookie }) }
    const { body } = await http.inject({ url: `${base}/`, headers })
    expect(body).toContain(`data-signed-in="${told}"`)
  })

  test('each reply has a nonce of its own, the same in page and policy, and allows nothing unsafe', async () => {
    const nonces = new Set<string>()
    for (let time = 0; time < 3; time++) {
      const { headers, body } = await http.inject({ url: `${base}/nodes`, headers: asBrowser })
      const policy = String(headers['content-security-policy'])
      const nonce = /style-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1] ?? ''
      expect(policy).not.toContain('unsafe')
      expect(policy).toContain("script-src 'self';")
      expect(body.split(`nonce="${nonce}"`)).toHaveLength(3)
      nonces.add(nonce)
    }
    expect(nonces.size).toBe(3)
  })

  test('nothing on the page is inline that the policy would stop', async () => {
    const { body } = await http.inject({ url: `${base}/`, headers: asBrowser })
    expect(body).not.toMatch(/<style|style="|<script>| on\w+="/)
  })

  test('an asset may be kept for ever, and says how it was packed', async () => {
    const packed: [string, (bytes: Buffer) => Buffer][] = [
      ['br', brotliDecompressSync],
      ['gzip', gunzipSync],
    ]
    for (const [encoding, unpack] of packed) {
      const reply = await http.inject({ url: asset, headers: { 'accept-encoding': encoding } })
      expect(reply.headers).toMatchObject({
        'content-encoding': encoding,
        'content-type': 'application/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'accept-encoding',
        'x-content-type-options': 'nosniff',
      })
      expect(unpack(reply.rawPayload).toString()).toBe(built.script)
    }
    const plain = await http.inject({ url: asset })
    expect([plain.headers['content-encoding'], plain.body]).toEqual([undefined, built.script])
  })

  test('a browser that has an asset already gets no second copy', async () => {
    const { headers } = await http.inject({ url: asset })
    const again = await http.inject({ url: asset, headers: { 'if-none-match': String(headers.etag) } })
    expect([again.statusCode, again.body]).toEqual([304, ''])
  })

  test('files beside the page are asked for anew each time', async () => {
    const files = [
      ['boot.js', 'application/javascript; charset=utf-8'],
      ['boot.js?build', 'application/javascript; charset=utf-8'],
      ['worker.js', 'application/javascript; charset=utf-8'],
      ['icon.svg', 'image/svg+xml'],
      ['manifest.webmanifest', 'application/manifest+json'],
    ]
    for (const [name, type] of files) {
      const { statusCode, headers } = await http.inject({ url: `${base}/${name}` })
      const told = [statusCode, headers['content-type'], headers['cache-control']]
      expect([name, ...told]).toEqual([name, 200, type, 'public, max-age=0'])
    }
  })

  test.each(['/', '/nodes', '/assets/index-abc123.js', '/icon.svg'])(
    'HEAD %s tells what GET would, without it',
    async (path) => {
      const given = { url: `${base}${path}`, headers: asBrowser }
      const [get, head] = [await http.inject(given), await http.inject({ ...given, method: 'HEAD' })]
      expect([head.statusCode, head.body]).toEqual([200, ''])
      expect(head.headers['content-length']).toBe(get.headers['content-length'])
    },
  )

  test.each([
    '/assets/gone-123.js',
    '/assets/',
    '/assets',
    '/assets/index-abc123.js.br',
    '/assets/index-abc123.js/more',
    '/assets/..%2findex.html',
    '/assets/..%5c..%5cpackage.json',
    '/..%2f..%2fetc/passwd',
    '/nodes/%00',
    '/api',
    '/api/v1/nothing',
    '/api/v2/nodes',
    '/healthz/more',
  ])('%s is not there, and never the page', async (path) => {
    for (const headers of [asBrowser, {}]) {
      const { statusCode, body } = await http.inject({ url: `${base}${path}`, headers })
      expect([statusCode, codeOf(body)]).toEqual([404, 'request.not_found'])
    }
  })

  test('the page itself is only served where its placeholders are filled in', async () => {
    const { body } = await http.inject({ url: `${base}/index.html`, headers: asBrowser })
    expect(body).not.toContain('__carl')
  })

  test('a program that asks for no page gets a refusal it can read', async () => {
    const { statusCode, body } = await http.inject({ url: `${base}/nodes`, headers: { accept: '*/*' } })
    expect([statusCode, codeOf(body)]).toEqual([404, 'request.not_found'])
  })

  test('only reading opens the page', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'] as const) {
      const { statusCode } = await http.inject({ method, url: `${base}/nodes`, headers: asBrowser })
      expect([method, statusCode]).toEqual([method, 404])
    }
    const wrong = await http.inject({ method: 'PUT', url: `${base}/api/v1/nodes`, headers: asBrowser })
    expect([wrong.statusCode, wrong.headers['allow']]).toEqual([405, 'GET, POST'])
  })

  test('the API page stays', async () => {
    const { body } = await http.inject({ url: `${base}/api/docs`, headers: asBrowser })
    expect(body).toContain('openapi.json')
  })
})

test('a path that climbs leads nowhere, as it arrives on the wire', async () => {
  const http = httpServer({ dashboard: built.folder })
  const { port } = new URL((await http.listen()).url)
  try {
    for (const path of [
      '/assets/../index.html',
      '/assets/../../package.json',
      '/assets/%2e%2e/index.html',
      '/../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/nodes/../assets/index-abc123.js',
      '//assets/index-abc123.js',
    ]) {
      const socket = connect(Number(port), '127.0.0.1')
      socket.end(`GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n`)
      const reply = (await socket.toArray()).join('')
      expect([path, reply.split('\r\n')[0]]).toEqual([path, 'HTTP/1.1 404 Not Found'])
    }
  } finally {
    await http.close()
  }
})

test('whoever forgets the base path is led to it', async () => {
  for (const url of ['/', '/lab/runner']) {
    const { statusCode, headers } = await below.inject({ url, headers: asBrowser })
    expect([statusCode, headers.location]).toEqual([302, '/lab/runner/'])
  }
  expect((await below.inject({ url: '/nodes', headers: asBrowser })).statusCode).toBe(404)
})

test('a server that runs from its sources has no dashboard', () => {
  expect(findDashboard()).toBeNull()
})
