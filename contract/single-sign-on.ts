import * as z from 'zod'
import { me } from './accounts.ts'
import { defineApi } from './endpoint.ts'
import { problem } from './errors.ts'
import { instant } from './page.ts'
import { role } from './permissions.ts'

/** A group as the provider names it, and what its members may do here. */
export const groupRole = z.strictObject({ group: z.string().trim().min(1).max(200), role })
export type GroupRole = z.infer<typeof groupRole>

/** Where people are known already: one provider that speaks OpenID Connect. The client secret only goes in. */
const providerFields = z.object({
  issuer: z
    .url({ protocol: /^https?$/, error: 'An address like https://id.example.com' })
    .max(500)
    // Neither a query nor a name belongs into an issuer (OpenID Connect Discovery 1.0, section 2).
    .refine((address) => !/[?#@]/.test(address), 'Without a question mark, a hash or a name in it'),
  clientId: z.string().trim().min(1).max(300),
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'A word without spaces')).max(20),
  /** Where the groups stand: the name of a claim, or a path into one like `realm_access.roles`. */
  groupClaim: z.string().trim().min(1).max(200),
  /** What the button on the sign-in page says. */
  label: z.string().trim().min(1).max(60),
  enabled: z.boolean(),
})

/** Who gets in by the word of the provider, or of the proxy in front, and as what. */
export const accessRules = z
  .strictObject({
    /** Of several groups of somebody the highest role counts. */
    groupRoles: z.array(groupRole).max(200),
    /** The role of everybody else; null lets in nobody without one of these groups. Never admin. */
    otherwise: z.enum(['viewer', 'operator']).nullable(),
    /** Whether the sign-in page leaves out name and password; `/login/password` keeps them. */
    hidesPassword: z.boolean(),
  })
  .meta({ id: 'AccessRules' })
export type AccessRules = z.infer<typeof accessRules>

export const providerChange = z.strictObject({
  ...providerFields.shape,
  scopes: providerFields.shape.scopes.default(['openid', 'profile', 'groups']),
  groupClaim: providerFields.shape.groupClaim.default('groups'),
  enabled: providerFields.shape.enabled.default(false),
  /** Left out, the stored one stays; null takes it away. Another issuer needs its secret again. */
  clientSecret: z.string().min(1).max(1_000).nullable().optional(),
})
export type ProviderChange = z.infer<typeof providerChange>

export const provider = providerFields
  .extend({
    /** Whether a client secret is stored. */
    hasSecret: z.boolean(),
    updatedAt: instant,
  })
  .meta({ id: 'Provider' })
export type Provider = z.infer<typeof provider>

/** What the provider says about itself, and what of it matters here. */
export const providerFacts = z
  .object({
    issuer: z.string(),
    authorizationEndpoint: z.string(),
    tokenEndpoint: z.string(),
    userInfoEndpoint: z.string().nullable(),
    /** How it signs, as far as it counts here. */
    algorithms: z.array(z.string()),
    /** How many keys it signs with. */
    keys: z.number(),
    /** Whether it says that it takes PKCE with SHA-256; it is sent in any case. */
    pkce: z.boolean(),
    scopes: z.array(z.string()).nullable(),
    claims: z.array(z.string()).nullable(),
    backChannelLogout: z.boolean(),
    /** Seconds that its clock is ahead of ours; null when it does not tell. */
    clockAheadS: z.number().nullable(),
    /** Whether it knows the client and the address it is to lead back to; many tell only a person. */
    redirect: z.enum(['accepted', 'refused', 'unknown']),
  })
  .meta({ id: 'ProviderFacts' })
export type ProviderFacts = z.infer<typeof providerFacts>

/** What came of a trial. Nobody was signed in by it. */
export const providerTrial = z
  .object({
    at: instant,
    outcome: z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('answered'),
        subject: z.string(),
        /** The name an account would get. */
        name: z.string(),
        /** As JSON text, for reading. */
        claims: z.array(z.object({ name: z.string(), value: z.string() })),
        /** Null when the claim is not there at all. */
        groups: z.array(z.string()).nullable(),
        /** Null is no access. */
        role: role.nullable(),
      }),
      z.object({
        kind: z.literal('failed'),
        problem,
        /** The provider's own words, when it had any. */
        said: z.string().nullable(),
      }),
    ]),
  })
  .meta({ id: 'ProviderTrial' })
export type ProviderTrial = z.infer<typeof providerTrial>

/** An address to go to, at the provider. */
const leadsTo = z.object({ url: z.string() })

export const singleSignOnApi = defineApi({
  singleSignOn: {
    ways: {
      method: 'GET',
      path: '/single-sign-on',
      summary: 'Tell by what ways one can sign in',
      permission: 'public',
      reply: z.object({
        /** Whether the sign-in page shows name and password. They work in any case. */
        password: z.boolean(),
        /** What the provider's button says; null when there is none. */
        provider: z.string().nullable(),
        /** As whom the proxy in front has let the caller in; null when it says nothing that counts. */
        proxyUser: z.string().nullable(),
      }),
    },
    begin: {
      method: 'POST',
      path: '/single-sign-on',
      summary: 'Begin to sign in with the identity provider',
      permission: 'public',
      body: z.strictObject({}),
      reply: leadsTo,
      errors: [
        'provider.not_set_up',
        'provider.unreachable',
        'provider.wrong_issuer',
        'provider.other_address',
        'request.rate_limited',
      ],
    },
    finish: {
      method: 'POST',
      path: '/single-sign-on/answer',
      summary: 'Hand in what the identity provider sent along, and sign in by it',
      permission: 'public',
      body: z.strictObject({
        /** The query of the address that the provider led to. */
        answer: z.string().max(16_000),
      }),
      reply: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('signed-in'), user: me }),
        /** It was a trial: the result waits for the administrator who began it. */
        z.object({ kind: z.literal('tried') }),
      ]),
      errors: [
        'provider.not_set_up',
        'provider.unreachable',
        'provider.wrong_issuer',
        'provider.refused_us',
        'provider.refused_you',
        'provider.redirect_refused',
        'provider.clock_differs',
        'provider.not_believed',
        'provider.stale',
        'provider.no_access',
        'request.rate_limited',
      ],
    },
    byProxy: {
      method: 'POST',
      path: '/single-sign-on/proxy',
      summary: 'Sign in as whom the trusted proxy in front has let in',
      permission: 'public',
      body: z.strictObject({}),
      reply: me,
      errors: ['proxy.not_believed', 'provider.no_access', 'request.rate_limited'],
    },
    providerSignedOut: {
      method: 'POST',
      path: '/single-sign-on/signed-out',
      summary: 'For the identity provider: end the sessions of somebody who signed out there',
      permission: 'public',
      accepts: 'form',
      body: z.object({ logout_token: z.string().max(16_000) }),
      reply: z.object({ ended: z.literal(true) }),
      errors: ['provider.sign_out_invalid', 'request.rate_limited'],
    },
  },
  provider: {
    get: {
      method: 'GET',
      path: '/provider',
      summary: 'Show how people sign in with an identity provider',
      permission: 'provider.read',
      reply: z.object({
        provider: provider.nullable(),
        rules: accessRules,
        /** What to register there; from the root where the server was not told its address (PUBLIC_URL). */
        redirectUri: z.string(),
        signedOutUri: z.string(),
        /** Whether a proxy in front may say who somebody is. */
        trustsProxy: z.boolean(),
      }),
    },
    change: {
      method: 'PUT',
      path: '/provider',
      summary: 'Set how people sign in with an identity provider',
      permission: 'provider.write',
      stepUp: true,
      body: providerChange,
      reply: provider,
      errors: ['provider.secret_missing', 'provider.not_secure'],
    },
    changeRules: {
      method: 'PUT',
      path: '/provider/rules',
      summary:
        'Set which groups may do what; it counts at once for whoever came by the provider or the proxy',
      permission: 'provider.write',
      stepUp: true,
      body: accessRules,
      reply: accessRules,
    },
    remove: {
      method: 'DELETE',
      path: '/provider',
      summary: 'Forget the identity provider; whoever came by it has to leave',
      permission: 'provider.write',
      stepUp: true,
      reply: z.object({ removed: z.literal(true) }),
      errors: ['provider.not_set_up'],
    },
    inspect: {
      method: 'POST',
      path: '/provider/inspect',
      summary: 'Ask the identity provider what it says about itself',
      permission: 'provider.write',
      body: z.strictObject({}),
      reply: providerFacts,
      errors: ['provider.not_set_up', 'provider.unreachable', 'provider.wrong_issuer'],
    },
    try: {
      method: 'POST',
      path: '/provider/trial',
      summary: 'Begin a trial: signing in at the provider, without being signed in here',
      permission: 'provider.write',
      body: z.strictObject({}),
      reply: leadsTo,
      errors: [
        'provider.not_set_up',
        'provider.unreachable',
        'provider.wrong_issuer',
        'provider.other_address',
      ],
    },
    trial: {
      method: 'GET',
      path: '/provider/trial',
      summary: 'Show what came of your last trial',
      permission: 'provider.write',
      reply: z.object({ trial: providerTrial.nullable() }),
    },
  },
})
