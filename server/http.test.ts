import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import * as z from 'zod'
import { afterEach, describe, expect, test } from 'vitest'
import { api } from '../contract/api.ts'
import { defineApi, download, type Endpoint } from '../contract/endpoint.ts'
import { errorReply } from '../contract/errors.ts'
import { can, isForTokens, role } from '../contract/permissions.ts'
import { httpServer, standInHandlers } from '../testbed/http-server.ts'
import type { Http } from './http.ts'
import { pairRoutes } from './http/mount.ts'
import { fail } from './lib/errors.ts'
import { createLogger } from './lib/logger.ts'
import type { Call } from './lib/routes.ts'

const open: Http[] = []
afterEach(async () => {
  for (const http of open.splice(0)) await http.close()
})

function serve(standIn: Parameters<typeof httpServer>[0] = {}): Http {
  const http = httpServer(standIn)
  open.push(http)
  return http
}

const asAdmin = { authorization: 'Bearer carl_admin' }
const fromBrowser = { cookie: 'carl=session-admin', origin: 'http://carl.home', host: 'carl.home' }
const json = { 'content-type': 'application/json' }

const endpoints = Object.entries(api).flatMap(([feature, calls]) =>
  Object.entries(calls).map(([call, endpoint]): [string, Endpoint] => [`${feature}.${call}`, endpoint]),
)
/** For what is asked of every endpoint. */
const all = httpServer()
const someUrl = ({ path }: Endpoint) => `/api/v1${path.replace(/:\w+/g, 'x')}`
const codeOf = (body: string) => errorReply.parse(JSON.parse(body)).error.code

/** A small API of our own, for what the real one has no example of. */
const tiny = defineApi({
  tiny: {
    read: {
      method: 'GET',
      path: '/tiny',
      summary: 'Read',
      permission: 'node.read',
      reply: z.object({ count: z.number() }),
    },
    write: {
      method: 'POST',
      path: '/tiny',
      summary: 'Write',
      permission: 'node.write',
      body: z.strictObject({ text: z.string() }),
      reply: z.object({ text: z.string() }),
    },
    file: {
      method: 'GET',
      path: '/tiny/file',
      summary: 'File',
      permission: 'node.read',
      reply: download('text/csv'),
    },
    login: {
      method: 'POST',
      path: '/tiny/login',
      summary: 'Login',
      permission: 'public',
      reply: z.object({ token: z.string().nullable() }),
    },
  },
})
const serveTiny = (handlers: Record<string, unknown>, standIn: Parameters<typeof httpServer>[0] = {}) =>
  serve({ api: tiny, handlers: { tiny: handlers }, ...standIn })

describe('long replies', () => {
  const long = 'a line that many others are like\n'.repeat(2_000)
  const longs = defineApi({
    long: {
      read: { method: 'GET', path: '/long', summary: 'Read', permission: 'node.read', reply: z.string() },
      brief: { method: 'GET', path: '/brief', summary: 'Read', permission: 'node.read', reply: z.string() },
      write: { method: 'POST', path: '/long', summary: 'Write', permission: 'node.write', reply: z.string() },
    },
  })
  const handlers = { long: { read: () => long, brief: () => 'brief', write: () => long } }
  const gzip = { 'accept-encoding': 'gzip, br' }

  test.each([
    ['a long one, to whoever takes it', 'GET', '/long', gzip, true],
    ['a long one, to whoever does not', 'GET', '/long', {}, false],
    ['a short one', 'GET', '/brief', gzip, false],
    ['the reply to a change, which may hold a secret', 'POST', '/long', gzip, false],
  ] as const)('%s: %s %s', async (_, method, path, accepts, isPacked) => {
    const http = serve({ api: longs, handlers })
    const reply = await http.inject({
      method,
      url: `/api/v1${path}`,
      headers: { ...asAdmin, ...json, ...accepts },
    })
    expect(reply.statusCode).toBe(200)
    expect(reply.headers['content-encoding']).toBe(isPacked ? 'gzip' : undefined)
    const text = isPacked ? gunzipSync(reply.rawPayload).toString() : reply.body
    expect(JSON.parse(text)).toBe(path === '/long' ? long : 'brief')
    expect(reply.rawPayload.length < long.length / 10).toBe(isPacked || path === '/brief')
  })
})

describe('who may come in', () => {
  const callers = [null, ...role.options]
  const cases = endpoints.flatMap(([name, endpoint]) => callers.map((who) => ({ name, endpoint, who })))

  test.each(cases)(
    '$name, called by $who, is answered by its permission alone',
    async ({ endpoint, who }) => {
      const { statusCode, body } = await all.inject({
        method: endpoint.method,
        url: someUrl(endpoint),
        headers: { ...json, ...(who && { authorization: `Bearer carl_${who}` }) },
      })
      const { permission } = endpoint
      const expected =
        permission === 'public'
          ? 'in'
          : who === null
            ? 'auth.required'
            : can(who, permission) && isForTokens(permission) && !endpoint.stepUp
              ? 'in'
              : 'auth.forbidden'
      const seen = statusCode === 401 || statusCode === 403 ? codeOf(body) : 'in'
      expect(seen).toBe(expected)
    },
  )

  test('an endpoint whose permission does not exist keeps the server from starting', () => {
    const unguarded = { tiny: { read: { ...tiny.tiny.read, permission: undefined } } }
    expect(() => httpServer({ api: unguarded as never })).toThrow('tiny.read has no permission')
    const misspelt = { tiny: { read: { ...tiny.tiny.read, permission: 'constructor' } } }
    expect(() => httpServer({ api: misspelt as never })).toThrow('tiny.read has no permission')
  })

  test('an endpoint that nobody answers keeps the server from starting', () => {
    const { write: _, ...others } = standInHandlers({}, tiny)['tiny'] ?? {}
    expect(() => pairRoutes(tiny, { tiny: others })).toThrow('tiny.write has no handler')
    expect(() => pairRoutes(tiny, {})).toThrow('tiny.read has no handler')
  })

  test('a wrong token is not made up for by a good cookie', async () => {
    const headers = { authorization: 'Bearer carl_wrong', cookie: 'carl=session-admin' }
    const { body } = await serve().inject({ url: '/api/v1/nodes', headers })
    expect(codeOf(body)).toBe('auth.required')
  })

  test('the sign-in of a proxy in front is not taken for a token', async () => {
    const headers = { authorization: 'Basic YW5uYTpzZWNyZXQ=', cookie: 'carl=session-viewer' }
    const { statusCode } = await serveTiny({ read: () => ({ count: 1 }) }).inject({
      url: '/api/v1/tiny',
      headers,
    })
    expect(statusCode).toBe(200)
  })
})

describe('what does not fit the contract', () => {
  const speaksJson = endpoints.filter(([, { accepts }]) => accepts === undefined)
  const withBody = speaksJson.filter(([, { method }]) => method !== 'GET')

  test.each(withBody)('%s refuses malformed JSON', async (_name, endpoint) => {
    for (const payload of ['{"a":', '{"a":1}}', '{"__proto__":{"x":1}}', 'nul', '\u0000']) {
      const { statusCode, body } = await all.inject({
        method: endpoint.method,
        url: someUrl(endpoint),
        headers: { ...fromBrowser, ...json },
        payload,
      })
      expect([payload, statusCode, codeOf(body)]).toEqual([payload, 400, 'request.malformed'])
    }
  })

  test.each(speaksJson)('%s refuses unknown fields by their names', async (_name, endpoint) => {
    const { statusCode, body } = await all.inject({
      method: endpoint.method,
      url: `${someUrl(endpoint)}?suprise=1`,
      headers: { ...fromBrowser, ...json },
      ...(endpoint.method !== 'GET' && { payload: { kind: 'generate', unheardOf: 1 } }),
    })
    const { error } = errorReply.parse(JSON.parse(body))
    expect([statusCode, error.code]).toEqual([422, 'request.invalid'])
    const paths = error.issues?.filter(({ message }) => message === 'Unknown field').map(({ path }) => path)
    expect(paths).toContain('suprise')
    expect(paths?.includes('unheardOf')).toBe(endpoint.method !== 'GET')
  })

  const refused: { what: string; given: object; status: number; code: string }[] = [
    {
      what: 'text instead of JSON',
      given: { headers: { 'content-type': 'text/plain' }, payload: '{}' },
      status: 415,
      code: 'request.unsupported_media_type',
    },
    {
      what: 'a form',
      given: { headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'a=1' },
      status: 415,
      code: 'request.unsupported_media_type',
    },
    {
      what: 'a type that only starts like JSON',
      given: { headers: { 'content-type': 'application/json-seq' }, payload: '{}' },
      status: 415,
      code: 'request.unsupported_media_type',
    },
    {
      what: 'more than 1 MiB',
      given: { headers: json, payload: `{"text":"${'x'.repeat(1_048_577)}"}` },
      status: 413,
      code: 'request.too_large',
    },
    { what: 'no body where one is needed', given: { headers: json }, status: 422, code: 'request.invalid' },
    {
      what: 'a field of the wrong type',
      given: { headers: json, payload: '{"text":1}' },
      status: 422,
      code: 'request.invalid',
    },
  ]
  test.each(refused)('$what is refused with $code', async ({ given, status, code }) => {
    const { headers = {}, ...rest } = given as { headers?: object }
    const reply = await serveTiny({ write: () => ({ text: 'reached' }) }).inject({
      method: 'POST',
      url: '/api/v1/tiny',
      headers: { ...asAdmin, ...headers },
      ...rest,
    })
    expect([reply.statusCode, codeOf(reply.body)]).toEqual([status, code])
  })

  test.each<[string, string, string, number]>([
    ['a form', 'application/x-www-form-urlencoded', 'logout_token=x&more=1', 200],
    ['a form without what is asked for', 'application/x-www-form-urlencoded', 'more=1', 422],
    ['JSON', 'application/json', '{"logout_token":"x"}', 415],
  ])('a call that takes forms, given %s', async (_name, type, payload, status) => {
    const http = serve({
      handlers: { singleSignOn: { providerSignedOut: () => ({ ended: true }) } },
    })
    const url = '/api/v1/single-sign-on/signed-out'
    for (const headers of [{}, { authorization: 'Bearer carl_admin' }]) {
      const reply = await http.inject({
        method: 'POST',
        url,
        headers: { 'content-type': type, ...headers },
        payload,
      })
      expect(reply.statusCode).toBe(status)
    }
    const origin = 'https://evil.example'
    const reply = await http.inject({
      method: 'POST',
      url,
      headers: { 'content-type': type, origin },
      payload,
    })
    expect(reply.statusCode).toBe(403)
  })

  test('a method that the address does not take is told apart, with those it takes', async () => {
    const { statusCode, body, headers } = await all.inject({ method: 'PUT', url: '/api/v1/nodes?x=1' })
    expect([statusCode, codeOf(body), headers.allow]).toEqual([
      405,
      'request.method_not_allowed',
      'GET, POST',
    ])
  })

  test.each([
    '/api/v1/nothing',
    '/api',
    '/api/v2/nodes',
    '/nothing',
    '/api/v1/nodes/',
    '/api/v1//nodes',
    '/%zz',
  ])('%s is not there', async (url) => {
    const { statusCode, body } = await all.inject({ url, headers: asAdmin })
    expect([statusCode, codeOf(body)]).toEqual([404, 'request.not_found'])
  })

  test('no made-up path reaches a handler', async () => {
    const reached: string[] = []
    const spies = Object.fromEntries(
      Object.entries(api).map(([feature, calls]) => [
        feature,
        Object.fromEntries(
          Object.keys(calls).map((call) => [call, () => reached.push(`${feature}.${call}`)]),
        ),
      ]),
    )
    const http = serve({ handlers: spies, config: { basePath: '/lab' } })
    const pieces = [
      'api',
      'v1',
      'nodes',
      'lab',
      '..',
      '%2e%2e',
      '%2F',
      '.',
      'audit',
      'x;y',
      '%00',
      'session',
      '*',
      '',
    ]
    let seed = 7
    const pick = () => pieces[(seed = (seed * 16_807) % 2_147_483_647) % pieces.length]
    const answered: string[] = []
    for (let round = 0; round < 500; round++) {
      const url = `/${Array.from({ length: 1 + (round % 6) }, pick).join('/')}`
      const isReal = /^\/lab\/api\/v1\/(nodes|audit|session|nodes\/[^/]+)$/.test(url)
      if (isReal) continue
      const { statusCode } = await http.inject({ url, headers: asAdmin })
      if (![302, 404, 405].includes(statusCode)) answered.push(url)
    }
    expect({ answered, reached }).toEqual({ answered: [], reached: [] })
  })
})

describe('replies', () => {
  test('a refusal carries its words, its issues, when to try again, and the request id', async () => {
    const retryAt = new Date(Date.now() + 90_000)
    const http = serveTiny({
      read: () => {
        throw fail('request.rate_limited', { detail: 'Five attempts.', retryAt })
      },
    })
    const { statusCode, headers, body } = await http.inject({ url: '/api/v1/tiny', headers: asAdmin })
    const { error } = errorReply.parse(JSON.parse(body))
    expect(statusCode).toBe(429)
    expect(Number(headers['retry-after'])).toBeGreaterThan(85)
    expect(error).toMatchObject({ detail: 'Five attempts.', retryAt: retryAt.toISOString() })
    expect(error.requestId).toBe(headers['x-request-id'])
  })

  const bugs: [string, unknown][] = [
    ['a bug in a handler', () => Promise.reject(new Error('the secret is 42'))],
    ['a thrown text', () => Promise.reject('the secret is 42' as unknown)],
    ['a reply that the contract does not promise', () => ({ count: 'the secret is 42' })],
  ]
  test.each(bugs)('%s is logged once and told without detail', async (_what, read) => {
    const lines: string[] = []
    const logger = createLogger('info', { write: (line: string) => void lines.push(line) })
    const reply = await serveTiny({ read }, { logger }).inject({ url: '/api/v1/tiny', headers: asAdmin })
    expect([reply.statusCode, codeOf(reply.body)]).toEqual([500, 'server.bug'])
    expect(reply.body).not.toContain('the secret')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ requestId: reply.headers['x-request-id'] })
  })

  test('fields that the contract does not promise stay inside', async () => {
    const read = () => ({ count: 1, passwordHash: 'x' })
    const { body } = await serveTiny({ read }).inject({ url: '/api/v1/tiny', headers: asAdmin })
    expect(JSON.parse(body)).toEqual({ count: 1 })
  })

  test('a download is offered under its name and cannot be taken for a page', async () => {
    const file = () => ({ mediaType: 'text/csv', fileName: 'näs "1".csv', body: Readable.from(['a,', 'b']) })
    const { headers, body } = await serveTiny({ file }).inject({ url: '/api/v1/tiny/file', headers: asAdmin })
    expect(body).toBe('a,b')
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="n_s _1_.csv"; filename*=UTF-8''n%C3%A4s%20%221%22.csv`,
      'x-content-type-options': 'nosniff',
    })
  })

  test('a download of a kind that the contract does not promise is a bug', async () => {
    const file = () => ({ mediaType: 'text/html', fileName: null, body: '<script>' })
    const { statusCode, body } = await serveTiny({ file }).inject({
      url: '/api/v1/tiny/file',
      headers: asAdmin,
    })
    expect([statusCode, codeOf(body)]).toEqual([500, 'server.bug'])
  })

  test.each([
    '/api/v1/version',
    '/api/v1/nodes',
    '/nothing',
    '/%zz',
    '/healthz',
    '/readyz',
    '/',
    '/setup',
    '/api/docs',
    '/api/docs.css',
    '/welcome',
    '/welcome.js',
  ])('%s is answered with every header that protects', async (url) => {
    const http = serve({ isReady: () => false })
    for (const method of ['GET', 'POST', 'OPTIONS'] as const) {
      const { headers } = await http.inject({ method, url })
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'x-request-id': expect.stringMatching(/^req_/) as string,
      })
      expect(headers['cache-control']).toMatch(/^no-(store|cache)$/)
      expect(headers['access-control-allow-origin']).toBeUndefined()
      expect(headers['strict-transport-security']).toBeUndefined()
    }
  })

  test('over HTTPS, browsers are told to stay there', async () => {
    const http = serve({ config: { trustedProxies: ['127.0.0.1'] } })
    const { headers } = await http.inject({ url: '/', headers: { 'x-forwarded-proto': 'https' } })
    expect(headers['strict-transport-security']).toBeDefined()
  })
})

describe('writes from a browser', () => {
  const cases: { what: string; headers: Record<string, string>; status: number }[] = [
    { what: 'our own page', headers: fromBrowser, status: 200 },
    {
      what: 'our own page, as the browser says too',
      headers: { ...fromBrowser, 'sec-fetch-site': 'same-origin' },
      status: 200,
    },
    { what: 'another site', headers: { ...fromBrowser, origin: 'https://evil.example' }, status: 403 },
    {
      what: 'another port of this host',
      headers: { ...fromBrowser, origin: 'http://carl.home:8080' },
      status: 403,
    },
    { what: 'a sandboxed frame', headers: { ...fromBrowser, origin: 'null' }, status: 403 },
    { what: 'a subdomain', headers: { ...fromBrowser, 'sec-fetch-site': 'same-site' }, status: 403 },
    {
      what: 'a browser that hides where it comes from',
      headers: { cookie: fromBrowser.cookie },
      status: 403,
    },
    { what: 'another site, without a cookie', headers: { origin: 'https://evil.example' }, status: 403 },
    { what: 'a script with a token', headers: { ...asAdmin, origin: 'https://evil.example' }, status: 200 },
    { what: 'a script without anything', headers: {}, status: 401 },
  ]
  test.each(cases)('from $what: $status', async ({ headers, status }) => {
    const http = serveTiny({ write: ({ body }: { body: { text: string } }) => body })
    const payload = { text: 'a' }
    const { statusCode } = await http.inject({
      method: 'POST',
      url: '/api/v1/tiny',
      headers: { ...json, ...headers },
      payload,
    })
    expect(statusCode).toBe(status)
  })

  test('a call without a body must still say JSON, which no form of another site can', async () => {
    const http = serve()
    const given = { method: 'DELETE', url: '/api/v1/session' } as const
    expect((await http.inject({ ...given, headers: fromBrowser })).statusCode).toBe(415)
    // Stand-in handlers throw: 500 says that the call came through.
    expect((await http.inject({ ...given, headers: { ...fromBrowser, ...json } })).statusCode).toBe(500)
  })
})

describe('the session cookie', () => {
  const login = (_request: unknown, { session }: Call) => {
    session.set('tok en', new Date(Date.now() + 3_600_500))
    return { token: session.token }
  }
  const viaProxy = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.168.1.7' }
  const shapes = [
    {
      what: 'plain HTTP',
      basePath: '',
      proto: {},
      cookie: 'carl=tok%20en; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict',
    },
    {
      what: 'plain HTTP below a path',
      basePath: '/lab',
      proto: {},
      cookie: 'carl=tok%20en; Path=/lab; Max-Age=3600; HttpOnly; SameSite=Strict',
    },
    {
      what: 'HTTPS',
      basePath: '',
      proto: viaProxy,
      cookie: '__Host-carl=tok%20en; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict; Secure',
    },
    {
      what: 'HTTPS below a path',
      basePath: '/lab',
      proto: viaProxy,
      cookie: '__Secure-carl=tok%20en; Path=/lab; Max-Age=3600; HttpOnly; SameSite=Strict; Secure',
    },
  ]
  test.each(shapes)('over $what', async ({ basePath, proto, cookie }) => {
    const http = serveTiny({ login }, { config: { basePath, trustedProxies: ['127.0.0.0/8'] } })
    const { headers } = await http.inject({
      method: 'POST',
      url: `${basePath}/api/v1/tiny/login`,
      headers: { ...json, ...proto },
    })
    expect(headers['set-cookie']).toBe(cookie)
  })

  test('planted over HTTP does not count over HTTPS, nor does one of two', async () => {
    const http = serveTiny({ login }, { config: { trustedProxies: ['127.0.0.1'] } })
    const tokenFor = async (cookie: string) => {
      const headers = { ...json, ...viaProxy, cookie, host: 'carl.home', origin: 'https://carl.home' }
      const reply = await http.inject({ method: 'POST', url: '/api/v1/tiny/login', headers })
      return (JSON.parse(reply.body) as { token: string | null }).token
    }
    expect(await tokenFor('carl=planted')).toBeNull()
    expect(await tokenFor('__Host-carl=one; __Host-carl=two')).toBeNull()
    expect(await tokenFor('a=b; __Host-carl=mine')).toBe('mine')
  })

  test('is taken away by signing out', async () => {
    const http = serveTiny({
      login: (_request: unknown, { session }: Call) => {
        session.clear()
        return { token: null }
      },
    })
    const { headers } = await http.inject({ method: 'POST', url: '/api/v1/tiny/login', headers: json })
    expect(headers['set-cookie']).toBe('carl=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict')
  })
})

describe('pages', () => {
  test('the root leads to the API page, also without the slash and the base path', async () => {
    const http = serve({ config: { basePath: '/lab' } })
    const leadsTo = async (url: string) => (await http.inject({ url })).headers.location
    expect(await leadsTo('/')).toBe('/lab/')
    expect(await leadsTo('/lab')).toBe('/lab/')
    expect(await leadsTo('/lab/')).toBe('/lab/api/docs')
    expect(await leadsTo('/lab/login')).toBe('/lab/api/docs#sign-in')
  })

  test('the pages name only addresses that exist', async () => {
    const openapi = () => ({ mediaType: 'application/json', fileName: null, body: '{}' })
    const http = serve({ config: { basePath: '/lab' }, handlers: { system: { openapi } } })
    for (const page of ['/lab/api/docs', '/lab/welcome']) {
      const { body, headers } = await http.inject({ url: page })
      expect(headers['content-type']).toBe('text/html; charset=utf-8')
      const ids = new Set([...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
      const links = [...body.matchAll(/ (?:href|src)="([^"]+)"/g)].map(([, link]) => link ?? '')
      expect(links.length).toBeGreaterThan(1)
      const isThere = async (link: string) =>
        link.startsWith('#') ? ids.has(link.slice(1)) : (await http.inject({ url: link })).statusCode === 200
      for (const link of new Set(links)) expect([link, await isThere(link)]).toEqual([link, true])
    }
  })

  test('nothing on a page is inline that the policy would stop', async () => {
    for (const url of ['/api/docs', '/welcome']) {
      const { body } = await serve().inject({ url })
      expect(body).not.toMatch(/<style|style="|<script(?! src)| on\w+="/)
    }
  })

  test('health is told below the base path and beside it', async () => {
    let isReady = false
    const http = serve({ config: { basePath: '/lab' }, isReady: () => isReady })
    for (const base of ['', '/lab']) {
      isReady = false
      expect((await http.inject({ url: `${base}/healthz` })).statusCode).toBe(200)
      const early = await http.inject({ url: `${base}/readyz` })
      expect([early.statusCode, codeOf(early.body)]).toEqual([503, 'server.not_ready'])
      isReady = true
      expect((await http.inject({ url: `${base}/readyz` })).statusCode).toBe(200)
    }
  })
})

describe('ports', () => {
  test('a port that is taken is named', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    try {
      await expect(httpServer({ config: { port } }).listen()).rejects.toMatchObject({
        code: 'config.port_taken',
      })
    } finally {
      other.close()
    }
  })

  test('the second port has the API and no pages', async () => {
    const http = serve({
      config: { apiPort: 0 },
      handlers: { system: { version: () => ({ name: 'claude-agent-runner-lite', version: '1.0.0' }) } },
    })
    const { url, apiUrl } = await http.listen()
    expect((await fetch(`${url}/api/v1/version`)).status).toBe(200)
    expect((await fetch(`${apiUrl}/api/v1/version`)).status).toBe(200)
    expect((await fetch(`${url}/api/docs`)).status).toBe(200)
    expect((await fetch(`${apiUrl}/api/docs`)).status).toBe(404)
  })

  test.each([
    ['what is no HTTP', 'hello\r\n\r\n', 400],
    ['a header without an end', `GET / HTTP/1.1\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 413],
  ])('%s is refused in our words', async (_what, text, status) => {
    const http = serve()
    const { port } = new URL((await http.listen()).url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.end(text)
    const reply = (await socket.toArray()).join('')
    expect(reply).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(reply).toContain('x-content-type-options: nosniff')
    expect(reply).toContain('"requestId":"req_')
  })

  test('a client that goes away aborts the call, and the server stops without waiting for it', async () => {
    const aborted = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    const http = serveTiny({
      read: async (_request: unknown, { signal }: Call) => {
        reached.resolve()
        await once(signal, 'abort')
        aborted.resolve()
        return { count: 1 }
      },
    })
    const { url } = await http.listen()
    const gone = new AbortController()
    const call = fetch(`${url}/api/v1/tiny`, { headers: asAdmin, signal: gone.signal }).catch(() => 'gone')
    await reached.promise
    gone.abort()
    await aborted.promise
    expect(await call).toBe('gone')
  })
})
