import { afterEach, beforeEach, expect, test } from 'vitest'
import { annasPassword, type TestAuth, testAuth } from '../../testbed/auth.ts'
import { httpServer } from '../../testbed/http-server.ts'
import { createAuthRoutes } from './routes.ts'

let house: TestAuth
let http: ReturnType<typeof httpServer>

beforeEach(async () => {
  house = await testAuth()
  const { auth, clock } = house
  http = httpServer({ handlers: createAuthRoutes(auth), identify: auth.identify, clock })
})
afterEach(async () => {
  await http.close()
  await house.close()
})

const browser = { host: 'carl.home', origin: 'http://carl.home', 'content-type': 'application/json' }

async function call(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  { body, cookie }: { body?: object; cookie?: string | undefined } = {},
) {
  const reply = await http.inject({
    method,
    url: `/api/v1${path}`,
    headers: { ...browser, ...(cookie !== undefined && { cookie }) },
    ...(body && { payload: JSON.stringify(body) }),
  })
  const setCookie = String(reply.headers['set-cookie'] ?? '')
  return { status: reply.statusCode, body: reply.json(), setCookie, cookie: setCookie.split(';')[0] }
}

test('a person signs in, is known by the cookie, signs out, and is a stranger again', async () => {
  await house.claim()
  await house.clock.advance(1_000)
  const login = await call('POST', '/session', { body: { name: 'anna', password: annasPassword } })
  expect(login).toMatchObject({
    status: 200,
    body: { kind: 'signed-in', user: { name: 'anna', role: 'admin', mustAddFactor: false } },
  })
  expect(login.setCookie).toMatch(/^carl=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/)
  expect(JSON.stringify(login.body)).not.toContain(login.cookie?.slice('carl='.length))

  const { cookie } = login
  expect(await call('GET', '/session', { cookie })).toMatchObject({ status: 200, body: { name: 'anna' } })
  expect((await call('GET', '/account/sessions', { cookie })).body.items).toMatchObject([
    { current: true },
    { current: false },
  ])

  const logout = await call('DELETE', '/session', { cookie })
  expect(logout).toMatchObject({ status: 200, body: { signedOut: true } })
  expect(logout.setCookie).toMatch(/^carl=; .*Max-Age=0/)
  expect(await call('GET', '/session', { cookie })).toMatchObject({
    status: 401,
    body: { error: { code: 'auth.required' } },
  })
})

test('a new server is claimed over HTTP, once', async () => {
  expect((await call('GET', '/setup')).body).toEqual({ claimed: false })
  const token = (await house.auth.setupToken())?.reveal()
  const claim = await call('POST', '/setup', { body: { token, name: 'anna', password: annasPassword } })
  expect(claim.status).toBe(201)
  expect((await call('GET', '/session', { cookie: claim.cookie })).body.name).toBe('anna')
  expect((await call('GET', '/setup')).body).toEqual({ claimed: true })
  const again = await call('POST', '/setup', { body: { token, name: 'ben', password: annasPassword } })
  expect(again).toMatchObject({ status: 409, body: { error: { code: 'auth.setup_done' } } })
})

test('a link of the command line signs in', async () => {
  const token = (await house.auth.signIn.createLink({ userName: 'admin' })).reveal()
  const { status, cookie } = await call('POST', '/session/link', { body: { token } })
  expect(status).toBe(200)
  expect((await call('GET', '/session', { cookie })).body.name).toBe('admin')
})

test('a token is made, used by a script, and revoked', async () => {
  const cookie = `carl=${(await house.claim()).token.reveal()}`
  const { status, body } = await call('POST', '/account/tokens', { cookie, body: { name: 'nightly' } })
  expect(status).toBe(201)
  const asScript = () =>
    http.inject({ url: '/api/v1/account/tokens', headers: { authorization: `Bearer ${body.text}` } })
  expect((await asScript()).json().items).toMatchObject([{ name: 'nightly', role: 'operator' }])
  expect((await call('DELETE', `/account/tokens/${body.token.id}`, { cookie })).status).toBe(200)
  expect((await asScript()).statusCode).toBe(401)
})

test('too many attempts are told when to come back', async () => {
  for (let one = 0; one < 30; one++) await call('POST', '/session/link', { body: { token: 'guess' } })
  const reply = await http.inject({
    method: 'POST',
    url: '/api/v1/session/link',
    headers: browser,
    payload: '{"token":"guess"}',
  })
  expect(reply.statusCode).toBe(429)
  expect(reply.headers['retry-after']).toBe('300')
})
