import * as z from 'zod'
import { me } from './accounts.ts'
import { defineApi } from './endpoint.ts'
import { passkeyId } from './ids.ts'
import { instant } from './page.ts'

/** How long a proof of presence counts, milliseconds (ASVS 7.5.3 leaves the figure open; five minutes is our choice). */
export const presenceMs = 5 * 60_000

/** A key in a phone, a computer or a stick that signs for this server alone, after its owner unlocked it. */
export const passkey = z
  .object({
    id: passkeyId,
    name: z.string(),
    /** The host name it was made at, the only one it works at. */
    host: z.string(),
    createdAt: instant,
    lastUsedAt: instant.nullable(),
  })
  .meta({ id: 'Passkey' })
export type Passkey = z.infer<typeof passkey>

/** What somebody can prove to be themselves with. */
export const factors = z
  .object({
    hasPassword: z.boolean(),
    /** An authenticator app. */
    totp: z.object({ createdAt: instant }).nullable(),
    passkeys: z.array(passkey),
    recoveryCodesLeft: z.number(),
  })
  .meta({ id: 'Factors' })
export type Factors = z.infer<typeof factors>

/** Six digits; spaces and hyphens, as apps show them, are left out. */
const totpCode = z
  .string()
  .max(20)
  .transform((text) => text.replace(/[\s-]/g, ''))
  .pipe(z.string().regex(/^\d{6}$/, 'Six digits'))
/** Of the app or for recovery, as typed. */
const anyCode = z.string().trim().min(1).max(40)
const heldToken = z.string().max(200)

/** What a browser gets for, and gives back from, `navigator.credentials`: JSON of the WebAuthn standard, level 3. */
const webAuthnOptions = z.record(z.string(), z.unknown())
const webAuthnResponse = z.looseObject({
  id: z.string().max(2_048),
  rawId: z.string().max(2_048),
  type: z.literal('public-key'),
  response: z.looseObject({ clientDataJSON: z.string().max(16_384) }),
  clientExtensionResults: z.looseObject({}),
})
export type WebAuthnResponse = z.infer<typeof webAuthnResponse>

/** A question to a passkey, with the token that its answer goes with. */
const passkeyQuestion = z.object({ token: z.string(), options: webAuthnOptions })
const passkeyAnswer = { token: heldToken, response: webAuthnResponse }

/** Ten, each good once; shown this once. Null when there were some already, which stay. */
const newRecoveryCodes = z.array(z.string()).nullable()

/** Until when one counts as present. */
const proven = z.object({ until: instant })

export const secondFactorsApi = defineApi({
  signIn: {
    secondFactor: {
      method: 'POST',
      path: '/session/second-factor',
      summary: 'Finish signing in with a code of the authenticator app, or with a recovery code',
      permission: 'public',
      body: z.strictObject({ way: z.enum(['totp', 'recovery-code']), token: heldToken, code: anyCode }),
      reply: me,
      errors: ['auth.wrong_code', 'auth.sign_in_expired', 'request.rate_limited'],
    },
    passkeyOptions: {
      method: 'POST',
      path: '/session/passkey/options',
      summary: 'Ask what a passkey has to sign for signing in, with or without a password before',
      permission: 'public',
      body: z.strictObject({ token: heldToken.optional() }),
      reply: passkeyQuestion,
      errors: ['auth.passkeys_unavailable', 'auth.sign_in_expired', 'request.rate_limited'],
    },
    passkey: {
      method: 'POST',
      path: '/session/passkey',
      summary: 'Sign in with a passkey',
      permission: 'public',
      body: z.strictObject(passkeyAnswer),
      reply: me,
      errors: ['auth.passkey_refused', 'auth.sign_in_expired', 'request.rate_limited'],
    },
  },
  factors: {
    list: {
      method: 'GET',
      path: '/account/factors',
      summary: 'Show what you can prove to be yourself with',
      permission: 'account.read',
      reply: factors,
    },
    beginTotp: {
      method: 'POST',
      path: '/account/totp/begin',
      summary: 'Get a secret for an authenticator app, shown this once',
      permission: 'account.write',
      reply: z.object({
        token: z.string(),
        /** Base32, to type in. */
        secret: z.string(),
        /** `otpauth://…`, for a QR code. */
        uri: z.string(),
      }),
      errors: ['auth.step_up_required'],
    },
    addTotp: {
      method: 'POST',
      path: '/account/totp',
      summary: 'Turn the authenticator app on with its first code; all other sessions and sockets end',
      permission: 'account.write',
      body: z.strictObject({ token: heldToken, code: totpCode }),
      reply: z.object({ recoveryCodes: newRecoveryCodes }),
      errors: ['auth.wrong_code', 'auth.sign_in_expired', 'auth.step_up_required', 'request.rate_limited'],
    },
    removeTotp: {
      method: 'DELETE',
      path: '/account/totp',
      summary: 'Turn the authenticator app off; all other sessions and sockets end',
      permission: 'account.write',
      stepUp: true,
      reply: z.object({ removed: z.literal(true) }),
      errors: ['auth.factor_required', 'request.not_found'],
    },
    passkeyOptions: {
      method: 'POST',
      path: '/account/passkeys/options',
      summary: 'Ask what a new passkey has to sign',
      permission: 'account.write',
      reply: passkeyQuestion,
      errors: ['auth.passkeys_unavailable', 'auth.step_up_required'],
    },
    addPasskey: {
      method: 'POST',
      path: '/account/passkeys',
      summary: 'Add a passkey; all other sessions and sockets end',
      permission: 'account.write',
      body: z.strictObject({ ...passkeyAnswer, name: z.string().trim().min(1).max(60) }),
      reply: z.object({ passkey, recoveryCodes: newRecoveryCodes }),
      status: 201,
      errors: ['auth.passkey_refused', 'auth.sign_in_expired', 'auth.step_up_required'],
    },
    removePasskey: {
      method: 'DELETE',
      path: '/account/passkeys/:id',
      summary: 'Remove a passkey; all other sessions and sockets end',
      permission: 'account.write',
      stepUp: true,
      params: z.object({ id: passkeyId }),
      reply: z.object({ removed: z.literal(true) }),
      errors: ['auth.factor_required', 'request.not_found'],
    },
    newRecoveryCodes: {
      method: 'POST',
      path: '/account/recovery-codes',
      summary: 'Make ten new recovery codes, shown this once; the old ones no longer work',
      permission: 'account.write',
      stepUp: true,
      reply: z.object({ recoveryCodes: z.array(z.string()) }),
      errors: ['auth.no_factor'],
    },
  },
  presence: {
    passkeyOptions: {
      method: 'POST',
      path: '/account/presence/options',
      summary: 'Ask what a passkey has to sign to prove that you are there',
      permission: 'account.write',
      reply: passkeyQuestion,
      errors: ['auth.passkeys_unavailable'],
    },
    proveByCode: {
      method: 'POST',
      path: '/account/presence/code',
      summary: 'Prove that you are there with a code of the authenticator app; counts for five minutes',
      permission: 'account.write',
      body: z.strictObject({ code: totpCode }),
      reply: proven,
      errors: ['auth.wrong_code', 'request.rate_limited'],
    },
    proveByPasskey: {
      method: 'POST',
      path: '/account/presence/passkey',
      summary: 'Prove that you are there with a passkey; counts for five minutes',
      permission: 'account.write',
      body: z.strictObject(passkeyAnswer),
      reply: proven,
      errors: ['auth.passkey_refused', 'auth.sign_in_expired'],
    },
    proveByPassword: {
      method: 'POST',
      path: '/account/presence/password',
      summary: 'Prove that you are there with the password, as long as you have nothing stronger',
      permission: 'account.write',
      body: z.strictObject({ password: z.string().max(256) }),
      reply: proven,
      errors: ['auth.wrong_credentials', 'auth.password_not_enough', 'request.rate_limited'],
    },
  },
})
