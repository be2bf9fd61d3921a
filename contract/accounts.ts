import * as z from 'zod'
import { defineApi } from './endpoint.ts'
import { sessionId, tokenId, userId } from './ids.ts'
import { instant } from './page.ts'
import { role, scope, scopes } from './permissions.ts'

export const user = z.object({ id: userId, name: z.string(), role, createdAt: instant }).meta({ id: 'User' })
export type User = z.infer<typeof user>

export const userName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[\p{L}\p{N}._@-]+$/u, 'Letters, digits and . _ @ -')
/** Length only: strength is judged with the reason in words. */
export const newPassword = z.string().min(1).max(256)

/** Whoever asks. */
export const me = user
  .extend({
    /** The settings ask for a second factor and there is none: until there is one, nothing else may be done. */
    mustAddFactor: z.boolean(),
  })
  .meta({ id: 'Me' })
export type Me = z.infer<typeof me>

/** What a password is answered with: whoever has a second factor is asked for it, and has nothing until it came. */
export const signInReply = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('signed-in'), user: me }),
    z.object({
      kind: z.literal('second-factor'),
      /** Goes with the second factor. Good for five minutes and as many tries; opens nothing by itself. */
      token: z.string(),
      ways: z.array(z.enum(['totp', 'passkey', 'recovery-code'])),
    }),
  ])
  .meta({ id: 'SignInReply' })
export type SignInReply = z.infer<typeof signInReply>

export const session = z
  .object({
    id: sessionId,
    current: z.boolean(),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: instant,
    lastSeenAt: instant,
    expiresAt: instant,
  })
  .meta({ id: 'Session' })
export type Session = z.infer<typeof session>

/** A token for scripts. Its text is shown once, when it is made. */
export const apiToken = z
  .object({
    id: tokenId,
    name: z.string(),
    /** `carl_` and the first characters, to recognise it by. */
    prefix: z.string(),
    role,
    /** What it is limited to; null for all that its role may. */
    scopes: z.array(scope).nullable(),
    createdAt: instant,
    expiresAt: instant.nullable(),
    lastUsedAt: instant.nullable(),
  })
  .meta({ id: 'ApiToken' })
export type ApiToken = z.infer<typeof apiToken>

export const accountsApi = defineApi({
  setup: {
    status: {
      method: 'GET',
      path: '/setup',
      summary: 'Tell whether this server has an administrator yet',
      permission: 'public',
      reply: z.object({ claimed: z.boolean() }),
    },
    claim: {
      method: 'POST',
      path: '/setup',
      summary: 'Create the first administrator with the one-time set-up token, and sign in',
      permission: 'public',
      body: z.strictObject({ token: z.string().max(200), name: userName, password: newPassword }),
      reply: me,
      status: 201,
      errors: [
        'auth.setup_done',
        'auth.setup_link_invalid',
        'auth.password_too_weak',
        'request.rate_limited',
      ],
    },
  },
  session: {
    login: {
      method: 'POST',
      path: '/session',
      summary: 'Sign in; the session travels in a cookie, unless a second factor is needed first',
      permission: 'public',
      body: z.strictObject({ name: z.string().max(200), password: z.string().max(256) }),
      reply: signInReply,
      errors: ['auth.wrong_credentials', 'request.rate_limited'],
    },
    link: {
      method: 'POST',
      path: '/session/link',
      summary: 'Sign in with a one-time link that the command line printed',
      permission: 'public',
      body: z.strictObject({ token: z.string().max(200) }),
      reply: me,
      errors: ['auth.wrong_credentials', 'request.rate_limited'],
    },
    current: {
      method: 'GET',
      path: '/session',
      summary: 'Show who is signed in',
      permission: 'account.read',
      reply: me,
    },
    logout: {
      method: 'DELETE',
      path: '/session',
      summary: 'Sign out and end this session',
      permission: 'account.read',
      reply: z.object({
        signedOut: z.literal(true),
        /** Where to sign out of the proxy in front as well; null where that is not needed. */
        goTo: z.string().nullable(),
      }),
    },
  },
  account: {
    sessions: {
      method: 'GET',
      path: '/account/sessions',
      summary: 'List your sessions',
      permission: 'account.read',
      reply: z.object({ items: z.array(session) }),
    },
    revokeSession: {
      method: 'DELETE',
      path: '/account/sessions/:id',
      summary: 'End one of your sessions',
      permission: 'account.write',
      params: z.object({ id: sessionId }),
      reply: z.object({ removed: z.literal(true) }),
      errors: ['request.not_found'],
    },
    changePassword: {
      method: 'PUT',
      path: '/account/password',
      summary: 'Change your password; all other sessions and sockets end',
      permission: 'account.write',
      body: z.strictObject({ current: z.string().max(256), password: newPassword }),
      reply: z.object({ changed: z.literal(true) }),
      errors: ['auth.wrong_credentials', 'auth.password_too_weak', 'request.rate_limited'],
    },
    tokens: {
      method: 'GET',
      path: '/account/tokens',
      summary: 'List your tokens',
      permission: 'account.read',
      reply: z.object({ items: z.array(apiToken) }),
    },
    createToken: {
      method: 'POST',
      path: '/account/tokens',
      summary: 'Make a token for scripts; its text is shown this once',
      permission: 'account.write',
      stepUp: true,
      body: z.strictObject({
        name: z.string().trim().min(1).max(100),
        /** Never more than your own role. */
        role: role.default('operator'),
        /** Limits it further; null for no limit. */
        scopes: z.array(scope).min(1).max(scopes.length).nullable().default(null),
        expiresAt: instant.nullable().default(null),
      }),
      reply: z.object({ token: apiToken, text: z.string() }),
      status: 201,
      errors: ['auth.forbidden'],
    },
    revokeToken: {
      method: 'DELETE',
      path: '/account/tokens/:id',
      summary: 'Revoke one of your tokens',
      permission: 'account.write',
      params: z.object({ id: tokenId }),
      reply: z.object({ removed: z.literal(true) }),
      errors: ['token.not_found'],
    },
  },
})
