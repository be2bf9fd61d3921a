import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Role } from '../../contract/permissions.ts'
import { annasPassword, home, type TestAuth, testAuth } from '../../testbed/auth.ts'
import { serverActor } from '../lib/actor.ts'
import { isAppError } from '../lib/errors.ts'
import { Secret } from '../lib/secret.ts'
import { localActor } from './person.ts'

const anotherPassword = 'seven kettles on a raft'
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const elsewhere = { ...home, ip: '10.0.0.9' }

let house: TestAuth
beforeEach(async () => {
  house = await testAuth()
})
afterEach(() => house.close())

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing was refused',
    (error: unknown) => (isAppError(error) ? error.code : String(error)),
  )

const actions = async () =>
  (await house.audit.list({ limit: 200 })).items.map(({ action }) => action).reverse()

const setRole = (role: Role) =>
  house.db.write((tx) => tx.updateTable('user').set({ role }).where('name', '=', 'anna').execute())

describe('a new server', () => {
  test('is claimed with the set-up token, and whoever claims it is signed in', async () => {
    expect(await house.auth.isClaimed()).toBe(false)
    const signedIn = await house.claim()
    expect(signedIn.user).toMatchObject({ name: 'anna', role: 'admin' })
    expect(await house.identify(signedIn.token)).toMatchObject({ name: 'user:anna', role: 'admin' })
    expect(await house.auth.isClaimed()).toBe(true)
    expect(await house.auth.setupToken()).toBeNull()
    expect(await actions()).toEqual(['user.created', 'setup.claimed', 'session.started'])
  })

  test('goes to exactly one of two who claim it at once', async () => {
    const token = (await house.auth.setupToken()) ?? new Secret('')
    const claimAs = (name: string) =>
      house.auth.claim({ token, name, password: new Secret(annasPassword) }, home)
    const results = await Promise.allSettled([claimAs('anna'), claimAs('ben')])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'auth.setup_done' },
    })
    expect(await house.db.read.selectFrom('user').select('id').execute()).toHaveLength(1)
    expect(await house.db.read.selectFrom('session').select('id').execute()).toHaveLength(1)
  })

  test('refuses a wrong token and an older one; a weak password leaves the token good', async () => {
    const old = (await house.auth.setupToken()) ?? new Secret('')
    const token = (await house.auth.setupToken()) ?? new Secret('')
    const claimWith = (given: Secret, password = annasPassword) =>
      house.auth.claim({ token: given, name: 'anna', password: new Secret(password) }, home)
    expect(await refusal(claimWith(new Secret('guess')))).toBe('auth.setup_link_invalid')
    expect(await refusal(claimWith(old))).toBe('auth.setup_link_invalid')
    expect(await refusal(claimWith(token, 'password1234'))).toBe('auth.password_too_weak')
    await claimWith(token)
    expect(await refusal(claimWith(token))).toBe('auth.setup_done')
  })

  test('takes its administrator from the environment once, and not a weak password', async () => {
    expect(await refusal(house.auth.ensureAdmin(new Secret('admin1234567')))).toBe('auth.password_too_weak')
    await house.auth.ensureAdmin(new Secret(annasPassword))
    await house.auth.ensureAdmin(new Secret(anotherPassword))
    await house.auth.ensureAdmin(new Secret('weak'))
    expect((await house.login(annasPassword, {}, 'admin')).user.role).toBe('admin')
    expect(await refusal(house.login(anotherPassword, {}, 'admin'))).toBe('auth.wrong_credentials')
  })
})

describe('signing in', () => {
  beforeEach(async () => void (await house.claim()))

  test('works with the name in any case, and gives a new session each time', async () => {
    const first = await house.login()
    const second = await house.login(annasPassword, {}, ' ANNA ')
    expect(first.token.reveal()).not.toBe(second.token.reveal())
    expect((await house.actorOf(first)).sessionId).not.toBe((await house.actorOf(second)).sessionId)
  })

  test('takes the place of the session the browser had before', async () => {
    const first = await house.login()
    const { sessionId, userId } = await house.actorOf(first)
    await house.login(annasPassword, { replaces: first.token.reveal() })
    expect(await house.identify(first.token)).toBeNull()
    expect(house.ended).toEqual([{ userId, sessionId }])
  })

  test('is refused alike for a wrong password and for a name nobody has', async () => {
    const wrong = await house.login('not the password').catch((error: unknown) => error)
    const unknown = await house.login('not the password', {}, 'nobody').catch((error: unknown) => error)
    expect(isAppError(wrong) && wrong.problem).toEqual(isAppError(unknown) && unknown.problem)
    expect(wrong).toMatchObject({ code: 'auth.wrong_credentials' })
  })

  test('keeps neither passwords nor tokens, and of a wrong name hardly anything', async () => {
    const { token } = await house.login()
    await refusal(house.login('canary-wrong-password'))
    await refusal(house.login('x', {}, 'canary-typed-into-the-name'))
    const { items } = await house.audit.list({ limit: 100 })
    const kept = JSON.stringify([
      items,
      await house.db.read.selectFrom('session').selectAll().execute(),
      await house.db.read.selectFrom('user').selectAll().execute(),
    ])
    for (const secret of [token.reveal(), annasPassword, 'canary-wrong', 'canary-typed']) {
      expect(kept).not.toContain(secret)
    }
    expect(kept).toContain(createHash('sha256').update(token.reveal()).digest('hex'))
    expect(kept).toContain('$argon2id$v=19$m=19456,t=2,p=1$')
    expect(items.slice(0, 2)).toMatchObject([
      { action: 'session.refused', actor: 'anonymous', target: null, ip: home.ip, detail: { begins: 'ca' } },
      { action: 'session.refused', actor: 'anonymous', target: 'anna', ip: home.ip },
    ])
  })

  test('is refused for a name after ten failures from anywhere, and open again five minutes later', async () => {
    for (let one = 0; one < 10; one++) {
      expect(await refusal(house.login('wrong', { ip: `10.0.0.${one}` }))).toBe('auth.wrong_credentials')
    }
    const limited = house.login(annasPassword, elsewhere)
    await expect(limited).rejects.toMatchObject({
      code: 'request.rate_limited',
      retryAt: new Date('2026-03-01T12:05:00.000Z'),
    })
    await house.clock.advance(5 * minuteMs)
    await house.login(annasPassword, elsewhere)
  })

  test('begins the count for the name anew once it works', async () => {
    for (let round = 0; round < 2; round++) {
      for (let one = 0; one < 9; one++) await refusal(house.login('wrong', { ip: `10.0.${round}.${one}` }))
      expect((await house.login(annasPassword, elsewhere)).user.name).toBe('anna')
    }
  })

  test('is refused for a network that tries too often, and for nobody else', async () => {
    const guess = (ip: string) => refusal(house.auth.signIn.byLink(new Secret('guess'), { ...home, ip }))
    for (let one = 0; one < 30; one++) expect(await guess(`2001:db8::${one}`)).toBe('auth.wrong_credentials')
    expect(await guess('2001:db8::ffff')).toBe('request.rate_limited')
    expect(await refusal(house.login(annasPassword, { ip: '2001:0DB8:0::1' }))).toBe('request.rate_limited')
    await house.login(annasPassword, { ip: '2001:db8:0:1::1' })
  })

  test('fails when the password is changed while it is checked', async () => {
    const [signIn] = await Promise.all([
      refusal(house.login()),
      house.auth.resetPassword('anna', new Secret(anotherPassword)),
    ])
    // Whichever came first, no session of the old password is left.
    const sessions = await house.db.read.selectFrom('session').select('id').execute()
    expect(['auth.wrong_credentials', 'nothing was refused']).toContain(signIn)
    expect(sessions).toEqual([])
  })
})

describe('a sign-in link', () => {
  test('signs in once, and makes the account when there is none', async () => {
    const link = await house.auth.signIn.createLink({ userName: 'admin' })
    const { user } = await house.auth.signIn.byLink(link, home)
    expect(user).toMatchObject({ name: 'admin', role: 'admin' })
    expect(await refusal(house.auth.signIn.byLink(link, home))).toBe('auth.wrong_credentials')
    const again = await house.auth.signIn.createLink({ userName: 'Admin' })
    expect((await house.auth.signIn.byLink(again, home)).user).toEqual(user)
  })

  test('is void after ten minutes', async () => {
    const link = await house.auth.signIn.createLink({ userName: 'admin' })
    await house.clock.advance(10 * minuteMs)
    expect(await refusal(house.auth.signIn.byLink(link, home))).toBe('auth.wrong_credentials')
  })
})

describe('a session', () => {
  test('ends after eight hours without use, and its sockets close', async () => {
    const { token, user } = await house.claim()
    await house.clock.advance(7 * hourMs)
    const actor = await house.identify(token)
    expect(actor).not.toBeNull()
    await house.clock.advance(8 * hourMs)
    expect(await house.identify(token)).toBeNull()
    expect(house.ended).toEqual([{ userId: user.id, sessionId: actor?.sessionId }])
  })

  test('ends after seven days, however much it is used', async () => {
    const { token, expiresAt } = await house.claim()
    for (let hours = 0; hours < 168; hours += 6) {
      expect(await house.identify(token)).not.toBeNull()
      await house.clock.advance(6 * hourMs)
    }
    expect(house.clock.now()).toEqual(expiresAt)
    expect(await house.identify(token)).toBeNull()
  })

  test('follows a limit that is shortened while it is open', async () => {
    const { token } = await house.claim()
    await house.settings.change({ sessionIdleHours: 1 }, serverActor)
    await house.clock.advance(hourMs)
    expect(await house.identify(token)).toBeNull()
  })

  test('has its last use written down once a minute', async () => {
    const { token } = await house.claim()
    const lastSeen = async () =>
      (await house.db.read.selectFrom('session').select('last_seen_at').executeTakeFirstOrThrow())
        .last_seen_at
    await house.clock.advance(minuteMs - 1)
    await house.identify(token)
    expect(await lastSeen()).toBe('2026-03-01T12:00:00.000Z')
    await house.clock.advance(1)
    await house.identify(token)
    expect(await lastSeen()).toBe('2026-03-01T12:01:00.000Z')
  })

  test('that nobody asks for any more is ended by the next look, once', async () => {
    await house.claim()
    await house.clock.advance(8 * hourMs)
    expect(await house.auth.endOldSessions()).toBe(1)
    expect(await house.auth.endOldSessions()).toBe(0)
    expect(house.ended).toHaveLength(1)
    expect((await actions()).at(-1)).toBe('session.ended')
  })

  test('is listed with where it is from, and the one in use is marked', async () => {
    await house.claim()
    await house.clock.advance(minuteMs)
    const actor = await house.actorOf(await house.login(annasPassword, { ip: '10.0.0.9', userAgent: null }))
    expect(await house.auth.sessions(actor)).toMatchObject([
      { current: true, ip: '10.0.0.9', userAgent: null, expiresAt: '2026-03-01T20:01:00.000Z' },
      { current: false, ip: home.ip, userAgent: 'Firefox', expiresAt: '2026-03-01T20:00:00.000Z' },
    ])
  })

  test('can be ended from another, but only by its owner', async () => {
    const first = await house.claim()
    const { sessionId } = await house.actorOf(first)
    const link = await house.auth.signIn.createLink({ userName: 'ben' })
    const ben = await house.actorOf(await house.auth.signIn.byLink(link, elsewhere))
    if (!sessionId) throw new Error('no session')
    expect(await refusal(house.auth.revokeSession(sessionId, ben))).toBe('request.not_found')
    await house.auth.revokeSession(sessionId, await house.actorOf(await house.login()))
    expect(await house.identify(first.token)).toBeNull()
    expect(house.ended).toEqual([{ userId: first.user.id, sessionId }])
  })

  test('has at any moment the role its user has', async () => {
    const { token } = await house.claim()
    await setRole('viewer')
    expect(await house.identify(token)).toMatchObject({ role: 'viewer' })
  })

  test('outlives a restart of the server; links and the set-up token do not', async () => {
    const setup = (await house.auth.setupToken()) ?? new Secret('')
    const restarted = house.restart()
    const claim = restarted.claim({ token: setup, name: 'anna', password: new Secret(annasPassword) }, home)
    expect(await refusal(claim)).toBe('auth.setup_link_invalid')
    const { token } = await house.claim()
    const link = await house.auth.signIn.createLink({ userName: 'anna' })
    expect(await refusal(restarted.signIn.byLink(link, home))).toBe('auth.wrong_credentials')
    const seen = await restarted.identify({ sessionToken: token.reveal(), bearer: null, ip: home.ip })
    expect(seen).toMatchObject({ name: 'user:anna' })
  })
})

describe('a password', () => {
  test('can be changed, and every other session ends', async () => {
    const other = await house.claim()
    const mine = await house.login()
    const actor = await house.actorOf(mine)
    await house.auth.changePassword(
      { current: new Secret(annasPassword), password: new Secret(anotherPassword) },
      actor,
    )
    expect(await house.identify(other.token)).toBeNull()
    expect(await house.identify(mine.token)).not.toBeNull()
    expect(house.ended).toHaveLength(1)
    expect(await refusal(house.login(annasPassword))).toBe('auth.wrong_credentials')
    await house.login(anotherPassword)
  })

  test('stays when the current one is wrong or the new one weak, and cannot be guessed at', async () => {
    const actor = await house.actorOf(await house.claim())
    const change = (current: string, password: string) =>
      refusal(
        house.auth.changePassword({ current: new Secret(current), password: new Secret(password) }, actor),
      )
    expect(await change(annasPassword, 'anna12345678')).toBe('auth.password_too_weak')
    for (let one = 0; one < 9; one++) {
      expect(await change('wrong', anotherPassword)).toBe('auth.wrong_credentials')
    }
    expect(await change(annasPassword, anotherPassword)).toBe('request.rate_limited')
  })

  test('can be reset on the machine, and all sessions end', async () => {
    const { token } = await house.claim()
    await house.auth.resetPassword('Anna', new Secret(anotherPassword))
    expect(await house.identify(token)).toBeNull()
    await house.login(anotherPassword)
    const { items } = await house.audit.list({ limit: 1, action: 'password.reset' })
    expect(items).toMatchObject([{ actor: 'local' }])
    expect(await refusal(house.auth.resetPassword('nobody', new Secret(anotherPassword)))).toBe(
      'user.not_found',
    )
    expect(await refusal(house.auth.resetPassword('anna', new Secret('short')))).toBe(
      'auth.password_too_weak',
    )
  })
})

describe('a token', () => {
  const wanted = { name: 'nightly', role: 'operator' as Role, scopes: null, expiresAt: null as string | null }
  const make = async (change: Partial<typeof wanted> = {}) =>
    house.auth.createToken({ ...wanted, ...change }, await house.actorOf(await house.login()))

  beforeEach(async () => void (await house.claim()))

  test('acts under its own name, and its text is shown once', async () => {
    const { token, text } = await make()
    expect(text.reveal()).toMatch(/^carl_[\w-]{43}$/)
    expect(text.reveal().startsWith(token.prefix)).toBe(true)
    expect(await house.identifyToken(text)).toMatchObject({
      name: 'token:nightly',
      role: 'operator',
      sessionId: null,
    })
    const kept = JSON.stringify([
      await house.db.read.selectFrom('api_token').selectAll().execute(),
      await house.audit.list({ limit: 100 }),
    ])
    expect(kept).not.toContain(text.reveal())
  })

  test.each<[Role, Role, Role]>([
    ['admin', 'admin', 'admin'],
    ['admin', 'operator', 'operator'],
    ['admin', 'viewer', 'viewer'],
    ['operator', 'viewer', 'viewer'],
    ['viewer', 'admin', 'viewer'],
  ])('made as %s has, when its owner is %s, the role %s', async (made, owner, effective) => {
    const { text } = await make({ role: made })
    await setRole(owner)
    expect(await house.identifyToken(text)).toMatchObject({ role: effective })
  })

  test('cannot be made with more than the own role', async () => {
    await setRole('operator')
    expect(await refusal(make({ role: 'admin' }))).toBe('auth.forbidden')
    await make({ role: 'operator' })
  })

  test('cannot make tokens, change the password or end sessions, nor can the command line', async () => {
    const { text } = await make({ role: 'admin' })
    const bearer = await house.identifyToken(text)
    if (!bearer) throw new Error('no token')
    for (const actor of [bearer, localActor]) {
      expect(await refusal(house.auth.createToken(wanted, actor))).toBe('auth.forbidden')
      const passwords = { current: new Secret(annasPassword), password: new Secret(anotherPassword) }
      expect(await refusal(house.auth.changePassword(passwords, actor))).toBe('auth.forbidden')
    }
  })

  test('ends at its time', async () => {
    const { text } = await make({ expiresAt: '2026-03-01T13:00:00.000Z' })
    expect(await refusal(make({ expiresAt: '2026-03-01T12:00:00.000Z' }))).toBe('request.invalid')
    await house.clock.advance(hourMs - 1)
    expect(await house.identifyToken(text)).not.toBeNull()
    await house.clock.advance(1)
    expect(await house.identifyToken(text)).toBeNull()
  })

  test('that ran out closes the sockets of its user with the next look, once', async () => {
    const { user } = await house.login()
    await make({ expiresAt: '2026-03-01T12:30:00.000Z' })
    await house.auth.endOldSessions()
    expect(house.ended).toEqual([])
    await house.clock.advance(30 * minuteMs)
    await house.auth.endOldSessions()
    await house.auth.endOldSessions()
    expect(house.ended).toEqual([{ userId: user.id, sessionId: null }])
  })

  test('that is revoked opens nothing any more, and the sockets of its user close', async () => {
    const actor = await house.actorOf(await house.login())
    const { token, text } = await house.auth.createToken(wanted, actor)
    await house.auth.revokeToken(token.id, actor)
    expect(await house.identifyToken(text)).toBeNull()
    expect(house.ended).toEqual([{ userId: actor.userId, sessionId: null }])
    expect(await refusal(house.auth.revokeToken(token.id, actor))).toBe('token.not_found')
  })

  test('is shown with its last use, to its owner alone', async () => {
    const { text } = await make()
    await house.clock.advance(5_000)
    await house.identifyToken(text)
    const actor = await house.actorOf(await house.login())
    expect(await house.auth.tokens(actor)).toMatchObject([{ lastUsedAt: '2026-03-01T12:00:05.000Z' }])
    const link = await house.auth.signIn.createLink({ userName: 'ben' })
    const ben = await house.actorOf(await house.auth.signIn.byLink(link, home))
    expect(await house.auth.tokens(ben)).toEqual([])
    const [mine] = await house.auth.tokens(actor)
    if (!mine) throw new Error('no token')
    expect(await refusal(house.auth.revokeToken(mine.id, ben))).toBe('token.not_found')
  })
})

describe('the door of the command line', () => {
  test('opens to its token alone, until another is made', async () => {
    expect(await house.identifyToken(new Secret('guess'))).toBeNull()
    const first = house.auth.openLocalDoor()
    expect(await house.identifyToken(first, '127.0.0.1')).toEqual({ ...localActor, ip: '127.0.0.1' })
    const second = house.auth.openLocalDoor()
    expect(await house.identifyToken(first)).toBeNull()
    expect(await house.identifyToken(second)).toMatchObject({ name: 'local' })
  })
})
