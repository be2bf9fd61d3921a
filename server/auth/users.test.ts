import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { UserId } from '../../contract/ids.ts'
import type { Role } from '../../contract/permissions.ts'
import { annasPassword, home, type TestAuth, testAuth } from '../../testbed/auth.ts'
import type { Actor } from '../lib/actor.ts'
import { isAppError } from '../lib/errors.ts'
import { newPassword } from './users.ts'
import { weaknessOf } from './strength.ts'

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
const users = () => house.auth.users
const add = (name: string, role: Role = 'operator') => users().create({ name, role }, anna)
const actions = async (limit: number) =>
  (await house.audit.list({ limit })).items.map(({ action }) => action).reverse()

test('somebody new signs in with the password that was shown, and may do what their role may', async () => {
  const { user, password } = await add('ben', 'viewer')
  const signedIn = await house.login(password.reveal(), {}, 'Ben')
  expect(await house.actorOf(signedIn)).toMatchObject({ name: 'user:ben', role: 'viewer', userId: user.id })
  expect(await users().list()).toEqual([
    expect.objectContaining({ name: 'anna', role: 'admin', tokens: 0 }),
    {
      ...user,
      lastSeenAt: house.clock.now().toISOString(),
      tokens: 0,
      hasSecondFactor: false,
      outside: null,
    },
  ])
})

test('a name is given once, in whatever case', async () => {
  await add('Ben')
  expect(await refusal(add(' bEN'))).toBe('user.name_taken')
})

test('a password to hand over is strong, new each time, and in no list or line', async () => {
  const passwords = Array.from({ length: 50 }, () => newPassword().reveal())
  expect(new Set(passwords).size).toBe(50)
  for (const one of passwords) {
    expect(one).toMatch(/^([a-hjkmnp-z2-9]{5}-){3}[a-hjkmnp-z2-9]{5}$/)
    expect(weaknessOf(one, 'ben')).toBeNull()
  }
  const { password } = await add('ben')
  const kept = JSON.stringify([await users().list(), (await house.audit.list({ limit: 50 })).items])
  expect(kept).not.toContain(password.reveal())
})

describe('another role', () => {
  test('counts at once: sessions end and sockets close', async () => {
    const { user, password } = await add('ben')
    const { token } = await house.login(password.reveal(), {}, 'ben')
    const { sessionId } = (await house.identify(token)) ?? {}
    expect(await users().changeRole(user.id, 'viewer', anna)).toEqual({ ...user, role: 'viewer' })
    expect(await house.identify(token)).toBeNull()
    expect(house.ended).toEqual([
      { userId: user.id, sessionId },
      { userId: user.id, sessionId: null },
    ])
    expect(await actions(2)).toEqual(['session.ended', 'user.role-changed'])
    const [line] = (await house.audit.list({ limit: 1 })).items
    expect(line).toMatchObject({ actor: 'user:anna', detail: { before: 'operator', after: 'viewer' } })
  })

  test('is what a token of theirs is held to', async () => {
    const { user, password } = await add('ben', 'admin')
    const ben = await house.actorOf(await house.login(password.reveal(), {}, 'ben'))
    const { text } = await house.auth.createToken(
      { name: 'script', role: 'admin', scopes: null, expiresAt: null },
      ben,
    )
    await users().changeRole(user.id, 'viewer', anna)
    expect(await house.identifyToken(text)).toMatchObject({ role: 'viewer' })
  })
})

test('a new password ends all sessions, and the old one is worth nothing', async () => {
  const { user, password } = await add('ben')
  const { token } = await house.login(password.reveal(), {}, 'ben')
  const fresh = await users().resetPassword(user.id, anna)
  expect(await house.identify(token)).toBeNull()
  expect(await refusal(house.login(password.reveal(), {}, 'ben'))).toBe('auth.wrong_credentials')
  expect((await house.login(fresh.reveal(), {}, 'ben')).user).toMatchObject(user)
})

test('whoever is removed is gone with sessions and tokens, and their name is free', async () => {
  const { user, password } = await add('ben', 'admin')
  const signedIn = await house.login(password.reveal(), {}, 'ben')
  const ben = await house.actorOf(signedIn)
  const { text } = await house.auth.createToken(
    { name: 'script', role: 'admin', scopes: null, expiresAt: null },
    ben,
  )
  await users().remove(user.id, anna)
  expect([await house.identify(signedIn.token), await house.identifyToken(text)]).toEqual([null, null])
  expect(await actions(2)).toEqual(['session.ended', 'user.removed'])
  expect(await refusal(house.login(password.reveal(), {}, 'ben'))).toBe('auth.wrong_credentials')
  expect((await add('ben')).user.id).not.toBe(user.id)
})

test('nobody changes their own role, resets their own password or removes themselves', async () => {
  const own = anna.userId as UserId
  expect([
    await refusal(users().changeRole(own, 'viewer', anna)),
    await refusal(users().resetPassword(own, anna)),
    await refusal(users().remove(own, anna)),
  ]).toEqual(Array(3).fill('user.own_account'))
  expect(await house.auth.current(anna)).toMatchObject({ role: 'admin' })
  await house.login(annasPassword, home)
})

test('of two administrators who remove each other at once, one stays', async () => {
  const { user, password } = await add('ben', 'admin')
  const ben = await house.actorOf(await house.login(password.reveal(), {}, 'ben'))
  const outcomes = await Promise.all([
    refusal(users().remove(user.id, anna)),
    refusal(users().changeRole(anna.userId as UserId, 'viewer', ben)),
  ])
  expect(outcomes).toEqual(['nothing was refused', 'user.last_admin'])
  expect((await users().list()).map(({ role }) => role)).toEqual(['admin'])
})

test('a user who is not there is told so', async () => {
  const none = `${anna.userId?.slice(0, -4)}zzzz` as UserId
  expect([
    await refusal(users().changeRole(none, 'viewer', anna)),
    await refusal(users().resetPassword(none, anna)),
    await refusal(users().remove(none, anna)),
  ]).toEqual(Array(3).fill('user.not_found'))
})
