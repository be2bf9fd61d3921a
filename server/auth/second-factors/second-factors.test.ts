import { Secret as Seed, TOTP } from 'otpauth'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../../../contract/accounts.ts'
import { annasPassword, home, type TestAuth, testAuth } from '../../../testbed/auth.ts'
import type { Actor } from '../../lib/actor.ts'
import { isAppError } from '../../lib/errors.ts'
import { Secret } from '../../lib/secret.ts'
import { localActor } from '../person.ts'

const minuteMs = 60_000
const stepMs = 30_000
const elsewhere = { ...home, ip: '10.0.0.9' }

let house: TestAuth
let anna: Actor
beforeEach(async () => {
  house = await testAuth()
  anna = await house.actorOf(await house.claim())
})
afterEach(() => house.close())

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing was refused',
    (error: unknown) => (isAppError(error) ? error.code : String(error)),
  )

/** What the app shows, `ms` from now. */
const codeOf = (secret: string, ms = 0): string =>
  TOTP.generate({ secret: Seed.fromBase32(secret), timestamp: house.clock.now().getTime() + ms })

/** Turns an app on; the code of that step is used up. */
async function addApp(actor = anna): Promise<{ secret: string; recoveryCodes: string[] }> {
  const { token, secret } = await house.auth.factors.beginTotp(actor)
  const { recoveryCodes } = await house.auth.factors.addTotp({ token, code: codeOf(secret) }, actor)
  return { secret, recoveryCodes: recoveryCodes ?? [] }
}

/** The password is right; the second factor is still to come. */
async function halfWay(name = 'anna'): Promise<string> {
  const reply = await house.auth.signIn.login({ name, password: new Secret(annasPassword) }, elsewhere)
  if (reply.kind !== 'second-factor') throw new Error('no second factor was asked for')
  return reply.token
}

const finish = (token: string, code: string, way: 'totp' | 'recovery-code' = 'totp') =>
  house.auth.signIn.secondFactor({ token, way, code }, elsewhere)

const requireOf = (whom: 'nobody' | 'admins' | 'everybody') =>
  house.settings.change({ secondFactorRequired: whom }, localActor)

describe('signing in with an authenticator app', () => {
  test('takes the password and a code, and before the code there is no session', async () => {
    const { secret } = await addApp()
    const before = await house.db.read.selectFrom('session').select('id').execute()
    const token = await halfWay()
    expect(await house.db.read.selectFrom('session').select('id').execute()).toEqual(before)
    expect(await house.identify(new Secret(token))).toBeNull()
    expect(await house.identifyToken(new Secret(token))).toBeNull()
    const signedIn = await finish(token, codeOf(secret, stepMs))
    expect(await house.actorOf(signedIn)).toMatchObject({ name: 'user:anna', isPresent: true })
  })

  test.each([
    ['of now', 0, 'in'],
    ['of the step before', -stepMs, 'in'],
    ['of the step after', stepMs, 'in'],
    ['of two steps before', -2 * stepMs, 'auth.wrong_code'],
    ['of two steps after', 2 * stepMs, 'auth.wrong_code'],
  ])('takes a code %s as it should', async (_, ms, wanted) => {
    const { secret } = await addApp()
    await house.clock.advance(5 * minuteMs)
    const result = await finish(await halfWay(), codeOf(secret, ms)).then(
      () => 'in',
      (error: { code: string }) => error.code,
    )
    expect(result).toBe(wanted)
  })

  test('takes each code once, also of two sign-ins at the same moment', async () => {
    const { secret } = await addApp()
    await house.clock.advance(minuteMs)
    const [one, other] = [await halfWay(), await halfWay()]
    const results = await Promise.allSettled([finish(one, codeOf(secret)), finish(other, codeOf(secret))])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    // Nor one of before, that somebody saw over a shoulder.
    expect(await refusal(finish(await halfWay(), codeOf(secret, -stepMs)))).toBe('auth.wrong_code')
  })

  test('does not take the code by which it was turned on', async () => {
    const { secret } = await addApp()
    expect(await refusal(finish(await halfWay(), codeOf(secret)))).toBe('auth.wrong_code')
  })

  test('stops a guesser after five codes, whatever address they come from, and lets the owner in later', async () => {
    const { secret } = await addApp()
    await house.clock.advance(minuteMs)
    for (let turn = 0; turn < 5; turn++) {
      expect(await refusal(finish(await halfWay(), '000000'))).toBe('auth.wrong_code')
    }
    expect(await refusal(finish(await halfWay(), codeOf(secret)))).toBe('request.rate_limited')
    await house.clock.advance(5 * minuteMs)
    await finish(await halfWay(), codeOf(secret))
  })

  test('begins again after five minutes, and when the password was replaced meanwhile', async () => {
    const { secret } = await addApp()
    const old = await halfWay()
    await house.clock.advance(5 * minuteMs)
    expect(await refusal(finish(old, codeOf(secret)))).toBe('auth.sign_in_expired')
    const token = await halfWay()
    await house.auth.resetPassword('anna', new Secret('seven kettles on a raft'))
    expect(await refusal(finish(token, codeOf(secret)))).toBe('auth.wrong_credentials')
  })

  test('notes each refusal, and keeps the secret sealed', async () => {
    const { secret } = await addApp()
    await refusal(finish(await halfWay(), '000000'))
    const [line] = (await house.audit.list({ limit: 1 })).items
    expect(line).toMatchObject({
      action: 'session.refused',
      target: 'anna',
      detail: { way: 'totp', known: true },
    })
    const { secret: kept } = await house.db.read.selectFrom('totp').select('secret').executeTakeFirstOrThrow()
    expect(kept.toString('latin1')).not.toContain(secret)
  })
})

describe('recovery codes', () => {
  test('come with the first factor, and each signs in once, however it is typed', async () => {
    const { recoveryCodes } = await addApp()
    expect(new Set(recoveryCodes).size).toBe(10)
    const [first = '', second = ''] = recoveryCodes
    await finish(await halfWay(), first.toUpperCase().replaceAll('-', ' '), 'recovery-code')
    expect(await refusal(finish(await halfWay(), first, 'recovery-code'))).toBe('auth.wrong_code')
    await finish(await halfWay(), second, 'recovery-code')
    expect(await house.auth.factors.list(anna)).toMatchObject({ recoveryCodesLeft: 8 })
  })

  test('are no codes of the app, nor the other way round', async () => {
    const { secret, recoveryCodes } = await addApp()
    await house.clock.advance(minuteMs)
    expect(await refusal(finish(await halfWay(), codeOf(secret), 'recovery-code'))).toBe('auth.wrong_code')
    expect(await refusal(finish(await halfWay(), recoveryCodes[0] ?? '', 'totp'))).toBe('auth.wrong_code')
  })

  test('are replaced all at once, stay when another factor is added, and go with the last', async () => {
    const { recoveryCodes } = await addApp()
    const renewed = await house.auth.factors.renewRecoveryCodes(anna)
    expect(await refusal(finish(await halfWay(), recoveryCodes[0] ?? '', 'recovery-code'))).toBe(
      'auth.wrong_code',
    )
    await finish(await halfWay(), renewed[0] ?? '', 'recovery-code')
    await house.clock.advance(minuteMs)
    expect((await addApp()).recoveryCodes).toEqual([])
    await house.auth.factors.removeTotp(anna)
    expect(await house.auth.factors.list(anna)).toMatchObject({ totp: null, recoveryCodesLeft: 0 })
    expect(await refusal(house.auth.factors.renewRecoveryCodes(anna))).toBe('auth.no_factor')
  })
})

describe('adding and removing a factor', () => {
  test('ends all other sessions at once, and not this one', async () => {
    const other = await house.login()
    await addApp()
    expect(await house.identify(other.token)).toBeNull()
    expect(house.ended).toHaveLength(1)
    const late = await finish(await halfWay(), codeOf((await readApp()).secret, stepMs))
    await house.auth.factors.removeTotp(anna)
    expect(await house.identify(late.token)).toBeNull()
  })

  const readApp = async () => {
    await house.clock.advance(minuteMs)
    return addApp()
  }

  test('takes a proof of presence that is not older than five minutes', async () => {
    const signedIn = await house.login()
    await house.clock.advance(5 * minuteMs)
    const awhileAgo = await house.actorOf(signedIn)
    expect(await refusal(house.auth.factors.beginTotp(awhileAgo))).toBe('auth.step_up_required')
    expect(await refusal(house.auth.factors.passkeyOptions(awhileAgo, 'carl.home'))).toBe(
      'auth.step_up_required',
    )
  })

  test('cannot be done by a token, nor finished by somebody else', async () => {
    const { token, secret } = await house.auth.factors.beginTotp(anna)
    const byToken = { ...anna, sessionId: null, isPresent: false }
    expect(await refusal(house.auth.factors.beginTotp(byToken))).toBe('auth.forbidden')
    const ben = await addUser('ben')
    const code = codeOf(secret)
    expect(await refusal(house.auth.factors.addTotp({ token, code }, ben))).toBe('auth.sign_in_expired')
  })

  test('is open to somebody who has nothing to prove with: whoever came by a link', async () => {
    const link = await house.auth.signIn.createLink({ userName: 'carla' })
    const signedIn = await house.auth.signIn.byLink(link, home)
    await house.clock.advance(10 * minuteMs)
    const carla = await house.actorOf(signedIn)
    await addApp(carla)
    // From then on there is something.
    expect(await refusal(house.auth.factors.beginTotp(carla))).toBe('auth.step_up_required')
  })
})

async function addUser(name: string, role: User['role'] = 'viewer'): Promise<Actor> {
  const { password } = await house.auth.users.create({ name, role }, anna)
  return house.actorOf(await house.login(password.reveal(), {}, name))
}

describe('a second factor that the settings ask for', () => {
  test.each([
    ['nobody', { admin: false, viewer: false }],
    ['admins', { admin: true, viewer: false }],
    ['everybody', { admin: true, viewer: true }],
  ] as const)('of %s', async (whom, wanted) => {
    await requireOf(whom)
    const admin = await house.login()
    expect(admin.user.mustAddFactor).toBe(wanted.admin)
    expect((await house.actorOf(admin)).mustAddFactor).toBe(wanted.admin)
    expect((await addUser('ben')).mustAddFactor).toBe(wanted.viewer)
  })

  test('holds their tokens back too, until there is one; then it cannot be the last that goes', async () => {
    const { text } = await house.auth.createToken(
      { name: 'nightly', role: 'viewer', scopes: null, expiresAt: null },
      anna,
    )
    await requireOf('admins')
    expect(await house.identifyToken(text)).toMatchObject({ mustAddFactor: true })
    await addApp()
    expect(await house.identifyToken(text)).toMatchObject({ mustAddFactor: false })
    expect(await refusal(house.auth.factors.removeTotp(anna))).toBe('auth.factor_required')
    expect(await house.auth.factors.list(anna)).toMatchObject({ totp: {}, recoveryCodesLeft: 10 })
  })

  test('is not asked of whoever has no password: they come in another way', async () => {
    await requireOf('everybody')
    const link = await house.auth.signIn.createLink({ userName: 'carla' })
    expect((await house.auth.signIn.byLink(link, home)).user.mustAddFactor).toBe(false)
  })
})

describe('whoever lost all factors', () => {
  test.each([
    ['by an administrator', (id: User['id'], by: Actor) => house.auth.users.removeFactors(id, by)],
    ['by the command on the machine', () => house.auth.resetFactors('anna')],
  ])('gets in by the password again after a reset %s, and all sessions end', async (_, reset) => {
    const { token } = await house.login()
    await addApp()
    const root = await addUser('root', 'admin')
    await reset(anna.userId as User['id'], root)
    expect(await house.identify(token)).toBeNull()
    expect((await house.login()).user.name).toBe('anna')
    const done = (await house.audit.list({ limit: 5 })).items.map(({ action }) => action)
    expect(done).toContain('factor.reset')
  })
})

describe('a proof of presence', () => {
  const prove = (actor: Actor, proof: Parameters<typeof house.auth.presence.prove>[0]) =>
    house.auth.presence.prove(proof, actor, 'carl.home')
  const byPassword = (password: string) => ({ way: 'password' as const, password: new Secret(password) })

  test('by the password counts for five minutes, and gives the session a new token', async () => {
    const signedIn = await house.login()
    await house.clock.advance(5 * minuteMs)
    const awhileAgo = await house.actorOf(signedIn)
    expect(awhileAgo.isPresent).toBe(false)
    const { token } = await prove(awhileAgo, byPassword(annasPassword))
    expect(await house.identify(signedIn.token)).toBeNull()
    const now = await house.identify(token)
    expect(now).toMatchObject({ isPresent: true, sessionId: awhileAgo.sessionId })
    await house.clock.advance(5 * minuteMs - 1)
    expect(await house.identify(token)).toMatchObject({ isPresent: true })
    await house.clock.advance(1)
    expect(await house.identify(token)).toMatchObject({ isPresent: false })
  })

  test('by the password is not enough for somebody with an app; a code is, once', async () => {
    const { secret } = await addApp()
    await house.clock.advance(minuteMs)
    expect(await refusal(prove(anna, byPassword(annasPassword)))).toBe('auth.password_not_enough')
    const code = codeOf(secret)
    await prove(anna, { way: 'totp', code })
    expect(await refusal(prove(anna, { way: 'totp', code }))).toBe('auth.wrong_code')
  })

  test('that fails is noted, and a guesser is stopped', async () => {
    for (let turn = 0; turn < 10; turn++) {
      expect(await refusal(prove(anna, byPassword('a guess')))).toBe('auth.wrong_credentials')
    }
    expect(await refusal(prove(anna, byPassword(annasPassword)))).toBe('request.rate_limited')
    const [line] = (await house.audit.list({ limit: 1 })).items
    expect(line).toMatchObject({ action: 'presence.refused', detail: { way: 'password' } })
  })

  test('does not come back when the clock is set back', async () => {
    const signedIn = await house.login()
    house.clock.jump(-minuteMs)
    expect(await house.identify(signedIn.token)).toMatchObject({ isPresent: false })
  })
})

describe('a passkey', () => {
  test('is not offered at a bare address, where browsers allow none', async () => {
    for (const host of ['192.168.1.5:3000', '[fd00::5]:3000', null]) {
      expect(await refusal(house.auth.factors.passkeyOptions(anna, host))).toBe('auth.passkeys_unavailable')
    }
  })

  test('that nobody knows, or an answer to no question, signs nobody in', async () => {
    const response = {
      id: 'AAAA',
      rawId: 'AAAA',
      type: 'public-key' as const,
      response: { clientDataJSON: 'e30' },
      clientExtensionResults: {},
    }
    const { token } = await house.auth.signIn.askPasskey(undefined, { ip: home.ip, host: 'carl.home' })
    const signIn = (given: string) =>
      refusal(house.auth.signIn.byPasskey({ token: given, response }, elsewhere, 'carl.home'))
    expect(await signIn(token)).toBe('auth.passkey_refused')
    expect(await signIn(token)).toBe('auth.sign_in_expired')
    expect(await signIn('made up')).toBe('auth.sign_in_expired')
    const offer = await house.auth.factors.passkeyOptions(anna, 'carl.home')
    const add = house.auth.factors.addPasskey(
      { token: offer.token, name: 'phone', response },
      anna,
      'carl.home',
    )
    expect(await refusal(add)).toBe('auth.passkey_refused')
  })
})
