import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ErrorReply } from '../../../contract/errors.ts'
import { type TestHouse, testHouse } from '../../../testbed/house.ts'
import { startNginx } from '../../../testbed/nginx.ts'
import { freePort } from '../../../testbed/tcp-proxy.ts'

const password = 'heather-lamp-44-orbit'
const basePath = '/lab'
const leavesTo = 'https://auth.home.example/logout'

let server: TestHouse
let nginx: Awaited<ReturnType<typeof startNginx>>
let folder: string
let admin: Awaited<ReturnType<typeof call>>
/** Where the server listens itself, past the proxy. */
let direct: string

beforeEach(() => start({ trusted: '127.0.0.1' }))
afterEach(stop)

/** A real nginx that asks for a password of its own, and tells the server who it was. */
async function start({ trusted, env }: { trusted: string; env?: Record<string, string> }): Promise<void> {
  const serverPort = await freePort()
  folder = mkdtempSync(join(tmpdir(), 'carl-proxy-'))
  const users = join(folder, 'users')
  writeFileSync(users, ['mia', 'leo', 'eve'].map((name) => `${name}:{PLAIN}${name}`).join('\n'), {
    mode: 0o644,
  })
  nginx = await startNginx({
    serverPort,
    basePath,
    readTimeoutS: 10,
    lines: [
      'auth_basic "home";',
      `auth_basic_user_file ${users};`,
      'proxy_set_header Authorization "";',
      'proxy_set_header Remote-User $remote_user;',
      'set $groups "";',
      'if ($remote_user = mia) { set $groups "family,ops"; }',
      'if ($remote_user = leo) { set $groups "family"; }',
      'proxy_set_header Remote-Groups $groups;',
    ],
  })
  server = await testHouse({
    env: {
      PORT: String(serverPort),
      BASE_PATH: basePath,
      ADMIN_PASSWORD: password,
      TRUSTED_PROXIES: trusted,
      TRUSTED_HEADER_USER: 'Remote-User',
      TRUSTED_HEADER_SIGN_OUT_URL: leavesTo,
      ...env,
    },
  })
  direct = `http://127.0.0.1:${serverPort}${basePath}`
  admin = await call(direct, 'POST', '/session', { body: { name: 'admin', password } })
  const groupRoles = [
    { group: 'family', role: 'viewer' },
    { group: 'ops', role: 'operator' },
  ]
  const body = { groupRoles, otherwise: null, hidesPassword: false }
  expect((await call(direct, 'PUT', '/provider/rules', { body, cookie: admin.cookie })).status).toBe(200)
}

async function stop(): Promise<void> {
  await server.close()
  await nginx.stop()
  rmSync(folder, { recursive: true, force: true })
}

interface Sent {
  readonly body?: object
  readonly cookie?: string | undefined
  readonly headers?: Record<string, string>
}

async function call(at: string, method: string, path: string, { body, cookie, headers }: Sent = {}) {
  const reply = await fetch(`${at}/api/v1${path}`, {
    method,
    headers: {
      ...(method !== 'GET' && { origin: new URL(at).origin, 'content-type': 'application/json' }),
      ...(cookie && { cookie }),
      ...headers,
    },
    ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
  })
  const json = (await reply.json()) as { error?: ErrorReply['error'] }
  return {
    status: reply.status,
    json,
    code: json.error?.code ?? null,
    cookie: reply.headers.get('set-cookie')?.split(';')[0],
  }
}

/** A call through the proxy by somebody it knows. */
const through = (who: string, method: string, path: string, { headers, ...sent }: Sent = {}) =>
  call(nginx.url, method, path, {
    ...sent,
    headers: { ...headers, authorization: `Basic ${Buffer.from(`${who}:${who}`).toString('base64')}` },
  })

const refusals = async () =>
  (await server.drive.client.audit.list({ query: { action: 'session.refused', limit: 50 } })).items

test('whom the proxy has let in signs in by it, as what their groups may do', async () => {
  expect((await through('mia', 'GET', '/single-sign-on')).json).toMatchObject({ proxyUser: 'mia' })
  const { status, json, cookie } = await through('mia', 'POST', '/single-sign-on/proxy')
  expect({ status, json }).toMatchObject({ status: 200, json: { name: 'mia', role: 'operator' } })
  expect((await through('mia', 'GET', '/session', { cookie })).json).toMatchObject({ name: 'mia' })
  // The proxy alone is no session: without the cookie nobody is signed in.
  expect((await through('mia', 'GET', '/session')).code).toBe('auth.required')
})

test('signing out leads to where the proxy signs out', async () => {
  const { cookie } = await through('mia', 'POST', '/single-sign-on/proxy')
  expect((await through('mia', 'DELETE', '/session', { cookie })).json).toEqual({
    signedOut: true,
    goTo: leavesTo,
  })
  expect((await through('mia', 'GET', '/session', { cookie })).code).toBe('auth.required')
})

test('a visitor of the proxy cannot name somebody else', async () => {
  const headers = { 'Remote-User': 'admin', 'Remote-Groups': 'ops' }
  expect((await through('leo', 'POST', '/single-sign-on/proxy', { headers })).json).toMatchObject({
    name: 'leo',
    role: 'viewer',
  })
})

test('the name of a local user does not open their account', async () => {
  const local = { name: 'leo', role: 'admin' }
  expect((await call(direct, 'POST', '/users', { body: local, cookie: admin.cookie })).status).toBe(201)
  expect((await through('leo', 'POST', '/single-sign-on/proxy')).json).toMatchObject({
    name: 'leo-2',
    role: 'viewer',
  })
})

test('somebody without a mapped group has no access', async () => {
  expect((await through('eve', 'POST', '/single-sign-on/proxy')).code).toBe('provider.no_access')
})

test('the session of one is worth nothing once the proxy says that another sits there', async () => {
  const { cookie } = await through('mia', 'POST', '/single-sign-on/proxy')
  expect((await through('leo', 'GET', '/session', { cookie })).code).toBe('auth.required')
  expect((await through('mia', 'GET', '/session', { cookie })).json).toMatchObject({ name: 'mia' })
})

test('the headers from an address that is not trusted are ignored, and that is noted', async () => {
  await stop()
  await start({ trusted: '192.0.2.1' })
  expect((await through('mia', 'GET', '/single-sign-on')).json).toMatchObject({ proxyUser: null })
  const { code, cookie } = await through('mia', 'POST', '/single-sign-on/proxy')
  expect({ code, cookie }).toEqual({ code: 'proxy.not_believed', cookie: undefined })
  expect(await refusals()).toMatchObject([{ detail: { way: 'proxy', why: 'proxy.not_believed' } }])
})

test('without the setting no header counts, whoever sends it', async () => {
  await stop()
  await start({ trusted: '127.0.0.1', env: { TRUSTED_HEADER_USER: '' } })
  expect((await through('mia', 'GET', '/single-sign-on')).json).toMatchObject({ proxyUser: null })
  expect((await through('mia', 'POST', '/single-sign-on/proxy')).code).toBe('proxy.not_believed')
})
