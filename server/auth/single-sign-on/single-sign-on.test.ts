import { SignJWT, decodeJwt } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { User } from '../../../contract/accounts.ts'
import type { ErrorReply } from '../../../contract/errors.ts'
import type { AccessRules, ProviderChange } from '../../../contract/single-sign-on.ts'
import type { ListedUser } from '../../../contract/users.ts'
import { createFakeClock } from '../../../testbed/fake-clock.ts'
import { type TestHouse, testHouse } from '../../../testbed/house.ts'
import {
  clientId,
  clientSecret,
  createVisitor,
  type IdentityProvider,
  startIdentityProvider,
  type Visitor,
} from '../../../testbed/identity-provider.ts'
import { freePort } from '../../../testbed/tcp-proxy.ts'
import { serverActor } from '../../lib/actor.ts'
import type { Clock } from '../../lib/clock.ts'

const password = 'heather-lamp-44-orbit'

let server: TestHouse
let idp: IdentityProvider
let admin: Browser

beforeEach(async () => {
  await start({})
})
afterEach(async () => {
  await server.close()
  await idp.stop()
})

interface Wanted {
  readonly clock?: Clock
  readonly claimsInToken?: boolean
}

async function start({ clock, claimsInToken = false }: Wanted): Promise<void> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  idp = await startIdentityProvider({
    host: 'localhost',
    redirectUris: [`${url}/sign-in/callback`],
    signedOutUri: `${url}/api/v1/single-sign-on/signed-out`,
    claimsInToken,
  })
  idp.people.set('mia', { preferred_username: 'mia', email: 'mia@home.example', groups: ['family', 'ops'] })
  idp.people.set('leo', { preferred_username: 'leo', groups: ['family'] })
  idp.people.set('eve', { preferred_username: 'eve', groups: ['guests'] })
  server = await testHouse({
    env: { PORT: String(port), ADMIN_PASSWORD: password },
    overrides: clock ? { clock } : {},
  })
  // It lies on this very machine, which has to be named.
  const hosts = {
    outgoingHosts: ['localhost', '127.0.0.1'].map((name) => `${name}:${new URL(idp.issuer).port}`),
  }
  await server.drive.client.settings.change({ body: hosts })
  admin = browser()
  expect((await admin.post('/session', { name: 'admin', password })).status).toBe(200)
  await setUp()
  await setRules({})
}

/** Starts over with something else. */
async function restartWith(wanted: Wanted): Promise<void> {
  await server.close()
  await idp.stop()
  await start(wanted)
}

const setUp = (wanted: Partial<ProviderChange> = {}) =>
  admin.call('PUT', '/provider', {
    issuer: idp.issuer,
    clientId,
    clientSecret,
    scopes: ['openid', 'profile', 'email', 'groups'],
    label: 'Testbed',
    enabled: true,
    ...wanted,
  })

const rulesOf = (wanted: Partial<AccessRules>): AccessRules => ({
  groupRoles: [
    { group: 'family', role: 'viewer' },
    { group: 'ops', role: 'admin' },
  ],
  otherwise: null,
  hidesPassword: false,
  ...wanted,
})
const setRules = (wanted: Partial<AccessRules>) => admin.call('PUT', '/provider/rules', rulesOf(wanted))

/** Parts of the replies that are looked at here; which of them one has, its call decides. */
interface Json {
  readonly error: ErrorReply['error'] | undefined
  readonly url: string
  readonly user: User
  readonly items: readonly ListedUser[]
  readonly id: string
  readonly name: string
  readonly text: string
  readonly clockAheadS: number | null
  readonly trial: { readonly outcome: Readonly<Record<string, unknown>> }
}

/** A browser: its cookies here, and its cookies at the provider. */
function browser() {
  const cookies = new Map<string, string>()
  const visitor: Visitor = createVisitor()

  async function call(method: string, path: string, body?: object) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: {
        ...(cookie && { cookie }),
        ...(method !== 'GET' && { origin: server.url, 'content-type': 'application/json' }),
      },
      ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
    })
    for (const line of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value) cookies.set(name, value)
      else cookies.delete(name)
    }
    const json = (await reply.json()) as Json
    return { status: reply.status, json, code: json.error?.code ?? null }
  }

  const post = (path: string, body?: object) => call('POST', path, body)

  /** Where the provider leads this browser back to, once it has signed in there. */
  async function comeBackFrom(path: string, login: string): Promise<URL> {
    const { json } = await post(path)
    return new URL(await visitor.enter(json.url, login))
  }

  const handIn = (address: URL) => post('/single-sign-on/answer', { answer: address.search.slice(1) })

  async function signIn(login: string) {
    return handIn(await comeBackFrom('/single-sign-on', login))
  }

  const me = async () => (await call('GET', '/session')).json

  return { call, post, comeBackFrom, handIn, signIn, me, visitor, cookies }
}
type Browser = ReturnType<typeof browser>

const trail = async (action: string) =>
  (await server.drive.client.audit.list({ query: { action, limit: 50 } })).items

test('somebody signs in with the provider and gets the highest role of their groups', async () => {
  const mia = browser()
  expect(await mia.signIn('mia')).toMatchObject({
    status: 200,
    json: { kind: 'signed-in', user: { name: 'mia', role: 'admin' } },
  })
  expect(await mia.me()).toMatchObject({ name: 'mia', role: 'admin' })
  expect(mia.cookies.has('carl-sign-in')).toBe(false)
  expect((await trail('session.started'))[0]).toMatchObject({ actor: 'user:mia', detail: { way: 'oidc' } })
  const { items } = (await admin.call('GET', '/users')).json
  expect(items.find(({ name }) => name === 'mia')).toMatchObject({
    outside: { by: 'provider', issuer: idp.issuer, subject: 'mia', pinned: false },
  })
})

test('the same person has the same account the next time, also under another name there', async () => {
  const first = (await browser().signIn('mia')).json.user
  idp.people.set('mia', { preferred_username: 'maria', groups: ['ops'] })
  expect((await browser().signIn('mia')).json.user).toEqual(first)
})

test('claims in the ID token count as well', async () => {
  await restartWith({ claimsInToken: true })
  idp.takeRequests()
  expect((await browser().signIn('mia')).json.user).toMatchObject({ role: 'admin' })
  expect(idp.takeRequests()).not.toContain('GET /me')
})

test('somebody without a mapped group is told that they have no access, and gets no account', async () => {
  const eve = browser()
  expect(await eve.signIn('eve')).toMatchObject({ status: 403, code: 'provider.no_access' })
  expect(await eve.me()).toMatchObject({ error: { code: 'auth.required' } })
  const { items } = (await admin.call('GET', '/users')).json
  expect(items.map(({ name }) => name)).toEqual(['admin'])
  expect((await trail('session.refused'))[0]).toMatchObject({
    detail: { way: 'oidc', why: 'provider.no_access', subject: 'eve' },
  })
})

test('everybody else has a role only where an administrator says so', async () => {
  await setRules({ otherwise: 'viewer' })
  expect((await browser().signIn('eve')).json.user).toMatchObject({ role: 'viewer' })
})

test('neither the e-mail address nor the name of a local user leads to their account', async () => {
  idp.people.set('mallory', {
    preferred_username: 'Admin',
    email: 'admin@home.example',
    name: 'admin',
    groups: ['family'],
  })
  const local = (await admin.me()).id
  const { user } = (await browser().signIn('mallory')).json
  expect(user).toMatchObject({ name: 'Admin-2', role: 'viewer' })
  expect(user.id).not.toBe(local)
})

test('a group that was taken away changes the role at the next sign-in, and ends the sessions of before', async () => {
  const before = browser()
  await before.signIn('mia')
  idp.people.set('mia', { preferred_username: 'mia', groups: ['family'] })
  expect(await before.me()).toMatchObject({ role: 'admin' })
  const now = browser()
  expect((await now.signIn('mia')).json.user).toMatchObject({ role: 'viewer' })
  expect(await before.me()).toMatchObject({ error: { code: 'auth.required' } })
  expect(await now.me()).toMatchObject({ role: 'viewer' })
  expect((await trail('user.role-changed'))[0]?.detail).toMatchObject({
    before: 'admin',
    after: 'viewer',
    follows: 'groups',
  })
})

test('whoever loses every group loses sessions and tokens with the next sign-in', async () => {
  const mia = browser()
  await mia.signIn('mia')
  const { text } = (await mia.post('/account/tokens', { name: 'nightly', role: 'viewer' })).json
  idp.people.set('mia', { preferred_username: 'mia', groups: [] })
  expect((await browser().signIn('mia')).code).toBe('provider.no_access')
  expect(await mia.me()).toMatchObject({ error: { code: 'auth.required' } })
  await expect(server.as(text).session.current({})).rejects.toThrow('not signed in')
  idp.people.set('mia', { preferred_username: 'mia', groups: ['ops'] })
  expect((await browser().signIn('mia')).json.user).toMatchObject({ name: 'mia', role: 'admin' })
})

test('other rules count at once, for whoever is signed in', async () => {
  const mia = browser()
  const leo = browser()
  await mia.signIn('mia')
  await leo.signIn('leo')
  await setRules({ groupRoles: [{ group: 'family', role: 'viewer' }] })
  expect(await mia.me()).toMatchObject({ error: { code: 'auth.required' } })
  expect(await leo.me()).toMatchObject({ name: 'leo' })
  expect((await browser().signIn('mia')).json.user).toMatchObject({ role: 'viewer' })
})

test('a role that was set here stays, until it follows the groups again; without a group it opens nothing', async () => {
  const leo = browser()
  const { id } = (await leo.signIn('leo')).json.user
  expect((await admin.call('PATCH', `/users/${id}`, { role: 'operator' })).status).toBe(200)
  expect((await browser().signIn('leo')).json.user).toMatchObject({ role: 'operator' })
  expect((await admin.post(`/users/${id}/follow-groups`)).json).toMatchObject({ role: 'viewer' })
  expect((await browser().signIn('leo')).json.user).toMatchObject({ role: 'viewer' })
  await admin.call('PATCH', `/users/${id}`, { role: 'admin' })
  idp.people.set('leo', { preferred_username: 'leo', groups: [] })
  expect((await browser().signIn('leo')).code).toBe('provider.no_access')
})

test('the last administrator with a password stays, however many the provider has', async () => {
  const mia = browser()
  await mia.signIn('mia')
  const { id } = await admin.me()
  expect((await mia.call('DELETE', `/users/${id}`)).code).toBe('user.last_admin')
  expect((await mia.call('PATCH', `/users/${id}`, { role: 'viewer' })).code).toBe('user.last_admin')
})

test('whoever just showed at the provider who they are counts as present; a way in that opened by itself does not', async () => {
  const change = (by: Browser) => by.call('PUT', '/provider/rules', rulesOf({}))
  const mia = browser()
  await mia.signIn('mia')
  expect((await change(mia)).status).toBe(200)
  for (const auth_time of [Math.floor(Date.now() / 1_000) - 600, undefined]) {
    idp.tamperWith(async (reply) => ({
      ...reply,
      id_token: await idp.sign({ ...decodeJwt(reply.id_token), auth_time }),
    }))
    const later = browser()
    expect((await later.signIn('mia')).status).toBe(200)
    expect((await change(later)).code).toBe('auth.step_up_required')
  }
})

test('no second factor of ours is asked for after the provider', async () => {
  await server.house.settings.change({ secondFactorRequired: 'everybody' }, serverActor)
  const mia = browser()
  expect((await mia.signIn('mia')).json.user).toMatchObject({ mustAddFactor: false })
  expect((await mia.call('GET', '/users')).status).toBe(200)
})

test('nobody from outside gets a password here', async () => {
  const { id } = (await browser().signIn('leo')).json.user
  expect((await admin.post(`/users/${id}/password`)).code).toBe('user.signs_in_elsewhere')
  expect((await browser().post('/session', { name: 'leo', password: '' })).code).toBe(
    'auth.wrong_credentials',
  )
})

test('an answer counts once', async () => {
  const mia = browser()
  const back = await mia.comeBackFrom('/single-sign-on', 'mia')
  expect((await mia.handIn(back)).status).toBe(200)
  expect((await mia.handIn(back)).code).toBe('provider.stale')
})

test('a code that was used before is refused by the provider, also under a state of its own', async () => {
  const mia = browser()
  const used = await mia.comeBackFrom('/single-sign-on', 'mia')
  await mia.handIn(used)
  const fresh = await mia.comeBackFrom('/single-sign-on', 'mia')
  fresh.searchParams.set('code', used.searchParams.get('code') ?? '')
  expect((await mia.handIn(fresh)).code).toBe('provider.stale')
})

test('an answer counts only in the browser that asked, and another one cannot spoil it', async () => {
  const mia = browser()
  const back = await mia.comeBackFrom('/single-sign-on', 'mia')
  const mallory = browser()
  expect((await mallory.handIn(back)).code).toBe('provider.stale')
  await mallory.post('/single-sign-on')
  expect((await mallory.handIn(back)).code).toBe('provider.stale')
  expect(mallory.cookies.has('carl')).toBe(false)
  expect((await mia.handIn(back)).status).toBe(200)
})

test('two sign-ins begun in one browser can both be finished', async () => {
  const mia = browser()
  const one = await mia.comeBackFrom('/single-sign-on', 'mia')
  const other = await mia.comeBackFrom('/single-sign-on', 'mia')
  expect((await mia.handIn(other)).status).toBe(200)
  expect((await mia.me()).name).toBe('mia')
  void one
})

test('a sign-in takes ten minutes at most', async () => {
  const clock = createFakeClock({ startsAt: new Date() })
  await restartWith({ clock })
  const mia = browser()
  const back = await mia.comeBackFrom('/single-sign-on', 'mia')
  await clock.advance(10 * 60_000)
  expect((await mia.handIn(back)).code).toBe('provider.stale')
})

test('the answer of another issuer is refused', async () => {
  const mia = browser()
  const back = await mia.comeBackFrom('/single-sign-on', 'mia')
  back.searchParams.set('iss', 'https://elsewhere.example')
  expect((await mia.handIn(back)).code).toBe('provider.not_believed')
})

test('an answer that names no issuer is refused, since this provider names itself', async () => {
  const mia = browser()
  const back = await mia.comeBackFrom('/single-sign-on', 'mia')
  back.searchParams.delete('iss')
  expect((await mia.handIn(back)).code).toBe('provider.not_believed')
})

test('an answer to settings that were changed meanwhile is refused', async () => {
  const mia = browser()
  const back = await mia.comeBackFrom('/single-sign-on', 'mia')
  await setUp({ label: 'Something else' })
  expect((await mia.handIn(back)).code).toBe('provider.stale')
})

/** What makes a good ID token a bad one. */
type Forge = (claims: Record<string, unknown>) => Promise<string>
const forgeries: [string, string, (given: IdentityProvider) => Forge][] = [
  [
    'for another sign-in, by its nonce',
    'provider.not_believed',
    (by) => (claims) => by.sign({ ...claims, nonce: 'of another' }),
  ],
  [
    'without a nonce',
    'provider.not_believed',
    (by) =>
      ({ nonce: _, ...claims }) =>
        by.sign(claims),
  ],
  [
    'for another client',
    'provider.not_believed',
    (by) => (claims) => by.sign({ ...claims, aud: 'somebody-else' }),
  ],
  [
    'for two clients, authorised for the other one',
    'provider.not_believed',
    (by) => (claims) => by.sign({ ...claims, aud: [clientId, 'other'], azp: 'other' }),
  ],
  [
    'for us, authorised for another client',
    'provider.not_believed',
    (by) => (claims) => by.sign({ ...claims, azp: 'other' }),
  ],
  [
    'of another issuer',
    'provider.not_believed',
    (by) => (claims) => by.sign({ ...claims, iss: 'https://elsewhere.example' }),
  ],
  [
    'that is over',
    'provider.clock_differs',
    (by) => (claims) => by.sign({ ...claims, exp: Math.floor(Date.now() / 1_000) - 300 }),
  ],
  [
    'that is to be believed later',
    'provider.clock_differs',
    (by) => (claims) => by.sign({ ...claims, nbf: Math.floor(Date.now() / 1_000) + 300 }),
  ],
  [
    'signed by a key that is not the provider’s',
    'provider.not_believed',
    (by) => async (claims) => by.sign(claims, { key: await by.newKey('first') }),
  ],
  [
    'that nobody signed',
    'provider.not_believed',
    () => async (claims) => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
      return `${part({ alg: 'none' })}.${part(claims)}.`
    },
  ],
  [
    'signed with the client secret, which is no key',
    'provider.not_believed',
    () => (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(clientSecret)),
  ],
]

test.each(forgeries)('a token %s is refused', async (_name, code, forge) => {
  idp.tamperWith(async (reply) => ({
    ...reply,
    id_token: await forge(idp)(decodeJwt(reply.id_token)),
  }))
  const mia = browser()
  expect((await mia.signIn('mia')).code).toBe(code)
  expect(mia.cookies.has('carl')).toBe(false)
  // The same way with an honest token.
  idp.tamperWith(async (reply) => ({ ...reply, id_token: await idp.sign(decodeJwt(reply.id_token)) }))
  expect((await browser().signIn('mia')).status).toBe(200)
})

test('new keys of the provider are taken up at once', async () => {
  expect((await browser().signIn('mia')).status).toBe(200)
  await idp.rotateKeys()
  expect((await browser().signIn('mia')).status).toBe(200)
})

test('keys are not fetched again for each sign-in', async () => {
  await browser().signIn('mia')
  idp.takeRequests()
  await browser().signIn('leo')
  expect(idp.takeRequests().filter((one) => one.includes('jwks'))).toEqual([])
})

test('while the provider is down that is said, passwords work, and it works again once it is up', async () => {
  await browser().signIn('mia')
  await idp.goDown()
  const mia = browser()
  expect(await mia.post('/single-sign-on')).toMatchObject({ status: 502, code: 'provider.unreachable' })
  // Nor does it keep the server from starting.
  await server.restart()
  expect(await mia.post('/single-sign-on')).toMatchObject({ status: 502, code: 'provider.unreachable' })
  expect((await mia.post('/session', { name: 'admin', password })).status).toBe(200)
  await idp.comeBack()
  expect((await mia.signIn('mia')).status).toBe(200)
})

test('a clock that is an hour off is named as the reason', async () => {
  const clock = createFakeClock({ startsAt: new Date(Date.now() + 3_600_000) })
  await restartWith({ clock })
  expect((await browser().signIn('mia')).code).toBe('provider.clock_differs')
  expect((await admin.post('/provider/inspect')).json.clockAheadS).toBeLessThan(-3_500)
})

test('a wrong client secret, a wrong issuer and an unknown client are told apart', async () => {
  await setUp({ clientSecret: 'not this one' })
  expect((await browser().signIn('mia')).code).toBe('provider.refused_us')
  await setUp({ issuer: `${idp.issuer}/realms/home` })
  expect((await browser().post('/single-sign-on')).code).toBe('provider.wrong_issuer')
  await setUp({ clientId: 'karl' })
  expect((await admin.post('/provider/inspect')).json).toMatchObject({ redirect: 'refused' })
})

test('an issuer that calls itself otherwise is told with the name it has', async () => {
  const other = idp.issuer.replace('localhost', '127.0.0.1')
  await setUp({ issuer: other })
  const { code, json } = await admin.post('/provider/inspect')
  expect(code).toBe('provider.wrong_issuer')
  expect(json.error?.detail).toContain(idp.issuer)
})

test('asking the provider shows what it says, and whether it knows where to lead back to', async () => {
  expect((await admin.post('/provider/inspect')).json).toMatchObject({
    issuer: idp.issuer,
    algorithms: expect.arrayContaining(['RS256']),
    keys: 1,
    pkce: true,
    backChannelLogout: true,
    redirect: 'accepted',
  })
})

test('somebody whom the provider turns away is told so', async () => {
  const { status, code } = await browser().signIn('nobody')
  expect({ status, code }).toEqual({ status: 403, code: 'provider.refused_you' })
})

test('a trial shows claims and role without signing anybody in, to the administrator who began it', async () => {
  await setUp({ enabled: false })
  const back = await admin.comeBackFrom('/provider/trial', 'eve')
  const before = await admin.me()
  expect((await admin.handIn(back)).json).toEqual({ kind: 'tried' })
  expect(await admin.me()).toEqual(before)
  const { trial } = (await admin.call('GET', '/provider/trial')).json
  expect(trial.outcome).toMatchObject({ kind: 'answered', subject: 'eve', groups: ['guests'], role: null })
  expect(trial.outcome.claims).toContainEqual({ name: 'groups', value: '["guests"]' })
  const { items } = (await admin.call('GET', '/users')).json
  expect(items.map(({ name }) => name)).toEqual(['admin'])
  expect((await browser().post('/single-sign-on')).code).toBe('provider.not_set_up')
})

test('a trial says when the claim of the groups is missing, and what went wrong', async () => {
  await setUp({ groupClaim: 'roles' })
  await admin.handIn(await admin.comeBackFrom('/provider/trial', 'mia'))
  expect((await admin.call('GET', '/provider/trial')).json.trial.outcome).toMatchObject({
    groups: null,
    role: null,
  })
  await setUp({ clientSecret: 'not this one' })
  await admin.handIn(await admin.comeBackFrom('/provider/trial', 'mia'))
  expect((await admin.call('GET', '/provider/trial')).json.trial.outcome).toMatchObject({
    kind: 'failed',
    problem: { code: 'provider.refused_us' },
    said: expect.stringContaining('invalid_client'),
  })
})

test('whoever signs out at the provider is signed out here, and nobody else', async () => {
  const mia = browser()
  const elsewhere = browser()
  const leo = browser()
  await mia.signIn('mia')
  await elsewhere.signIn('mia')
  await leo.signIn('leo')
  await mia.visitor.leave(idp.issuer)
  expect(await mia.me()).toMatchObject({ error: { code: 'auth.required' } })
  expect(await elsewhere.me()).toMatchObject({ name: 'mia' })
  expect(await leo.me()).toMatchObject({ name: 'leo' })
})

const signOut = { 'http://schemas.openid.net/event/backchannel-logout': {} }
const signOutClaims = () => ({
  iss: idp.issuer,
  aud: clientId,
  sub: 'mia',
  iat: Math.floor(Date.now() / 1_000),
  jti: 'one',
  events: signOut,
})
const tellSignOut = async (token: string) => {
  const reply = await fetch(`${server.url}/api/v1/single-sign-on/signed-out`, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: token }),
  })
  return reply.status
}

test('a word about a sign-out ends every session of the person it names', async () => {
  const mia = browser()
  await mia.signIn('mia')
  expect(await tellSignOut(await idp.sign(signOutClaims()))).toBe(200)
  expect(await mia.me()).toMatchObject({ error: { code: 'auth.required' } })
})

test.each<[string, (claims: ReturnType<typeof signOutClaims>) => Promise<string>]>([
  ['for another client', (claims) => idp.sign({ ...claims, aud: 'other' })],
  ['of another issuer', (claims) => idp.sign({ ...claims, iss: 'https://elsewhere.example' })],
  ['that is an hour old', (claims) => idp.sign({ ...claims, iat: claims.iat - 3_600 })],
  ['without the event', (claims) => idp.sign({ ...claims, events: {} })],
  ['with a nonce, so an ID token', (claims) => idp.sign({ ...claims, nonce: 'x' })],
  ['that names nobody', ({ sub: _, ...claims }) => idp.sign(claims)],
  ['signed by somebody else', async (claims) => idp.sign(claims, { key: await idp.newKey('first') })],
  ['that is no token', async () => 'x.y.z'],
])('a word about a sign-out %s ends nothing', async (_name, make) => {
  const mia = browser()
  await mia.signIn('mia')
  expect(await tellSignOut(await make(signOutClaims()))).toBe(400)
  expect(await mia.me()).toMatchObject({ name: 'mia' })
})

test('a provider that is switched off or removed takes those along who came by it', async () => {
  const mia = browser()
  await mia.signIn('mia')
  await setUp({ enabled: false })
  expect(await mia.me()).toMatchObject({ error: { code: 'auth.required' } })
  await setUp({})
  await mia.signIn('mia')
  expect((await admin.call('DELETE', '/provider')).status).toBe(200)
  expect(await mia.me()).toMatchObject({ error: { code: 'auth.required' } })
  expect((await admin.me()).name).toBe('admin')
})

test('the client secret never comes out, is sealed, and is not sent to another issuer', async () => {
  const seen = JSON.stringify([(await admin.call('GET', '/provider')).json, await trail('provider.changed')])
  expect(seen).not.toContain(clientSecret)
  expect(seen).toContain('"hasSecret":true')
  const { clientSecret: _, ...rest } = { ...(await setUp()).json, clientSecret: null }
  const { hasSecret: __, updatedAt: ___, ...fields } = rest as Record<string, unknown>
  expect((await admin.call('PUT', '/provider', { ...fields, issuer: 'https://evil.example' })).code).toBe(
    'provider.secret_missing',
  )
  expect((await admin.call('PUT', '/provider', fields)).json).toMatchObject({ hasSecret: true })
  expect((await browser().signIn('mia')).status).toBe(200)
})

test('a provider without encryption is refused, outside of this machine', async () => {
  expect((await setUp({ issuer: 'http://id.home.example' })).code).toBe('provider.not_secure')
})

test('the sign-in page hides the password only where there is another way, and it works all the same', async () => {
  const ways = async () => (await browser().call('GET', '/single-sign-on')).json
  expect(await ways()).toEqual({ password: true, provider: 'Testbed', proxyUser: null })
  await setRules({ hidesPassword: true })
  expect(await ways()).toMatchObject({ password: false })
  expect((await browser().post('/session', { name: 'admin', password })).status).toBe(200)
  await setUp({ enabled: false })
  expect(await ways()).toMatchObject({ password: true, provider: null })
})

test('a sign-in of another site is not begun', async () => {
  const reply = await fetch(`${server.url}/api/v1/single-sign-on`, {
    method: 'POST',
    headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
    body: '{}',
  })
  expect(reply.status).toBe(403)
})
