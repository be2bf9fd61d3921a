import { createRemoteJWKSet, customFetch as joseFetch, errors as joseErrors, jwtVerify } from 'jose'
import * as openid from 'openid-client'
import type { ProviderFacts } from '../../../contract/single-sign-on.ts'
import type { Clock } from '../../lib/clock.ts'
import { fail } from '../../lib/errors.ts'
import type { Secret } from '../../lib/secret.ts'
import { type Claims, groupsOf } from './claims.ts'
import { saidBy, toFailure } from './failures.ts'
import type { Flow } from './flows.ts'
import { isLoopback } from './loopback.ts'

/** How requests go out. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/** What is needed to talk to the provider. Two with the same revision are the same. */
export interface Client {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: Secret | null
  readonly scopes: readonly string[]
  readonly groupClaim: string
  readonly revision: string
}

/** Somebody as the provider told of them. */
export interface Told {
  readonly issuer: string
  readonly subject: string
  /** What the provider calls the session; null when it does not say. */
  readonly sid: string | null
  /** When the person showed there who they are; null when it does not say. */
  readonly authenticatedAt: Date | null
  readonly claims: Claims
}

interface ConnectionTools {
  fetch: Fetch
  clock: Clock
}

const timeoutS = 8
const metadataMs = 10 * 60_000
const keysMs = 5 * 60_000
/** Clocks may differ by so much. */
const toleranceS = 60
/** Older than any open session; also what no date can hold. */
const longAgoMs = 365 * 24 * 3_600_000
/** A word about a sign-out that is older says nothing about now. */
const signOutMaxAgeS = 10 * 60
/** Signed with a key that only the provider has. Never `none`, and never a secret that both sides know. */
const trustedAlgorithm = /^(RS|PS|ES)(256|384|512)$|^EdDSA$|^Ed25519$/
const signOutEvent = 'http://schemas.openid.net/event/backchannel-logout'

/**
 * Speaks OpenID Connect with the provider. Nothing is asked before somebody wants to sign in, and a failure is not
 * remembered: a provider that was down works as soon as it is up.
 */
export function createConnection({ fetch, clock }: ConnectionTools) {
  let known: { revision: string; metadata: openid.ServerMetadata; untilMs: number } | null = null
  let asked: { revision: string; metadata: Promise<openid.ServerMetadata> } | null = null
  /** Keys of the provider as they were last seen. */
  let keys: { revision: string; jwks: unknown; untilMs: number } | null = null
  let signOutKeys: { uri: string; find: ReturnType<typeof createRemoteJWKSet> } | null = null

  const customFetch = fetch as unknown as openid.CustomFetch

  /** Throws `provider.unreachable`, `provider.wrong_issuer` and `provider.not_secure`. */
  async function discover({ issuer }: Client, through = customFetch): Promise<openid.ServerMetadata> {
    try {
      const found = await openid.discovery(new URL(issuer), 'any', {}, openid.None(), {
        [openid.customFetch]: through,
        timeout: timeoutS,
        ...(isLoopback(issuer) && { execute: [openid.allowInsecureRequests] }),
      })
      const { supportsPKCE: _, ...metadata } = found.serverMetadata()
      return {
        ...metadata,
        id_token_signing_alg_values_supported: (
          metadata.id_token_signing_alg_values_supported ?? ['RS256']
        ).filter((name) => trustedAlgorithm.test(name)),
      }
    } catch (error) {
      throw toFailure(error, 'discovery')
    }
  }

  /** Asks the provider, once for all who want to know just now. */
  function askMetadata(client: Client): Promise<openid.ServerMetadata> {
    if (asked?.revision === client.revision) return asked.metadata
    const mine = { revision: client.revision, metadata: discover(client) }
    asked = mine
    const isOver = () => {
      if (asked === mine) asked = null
    }
    mine.metadata.then((metadata) => {
      known = { revision: client.revision, metadata, untilMs: clock.monotonicMs() + metadataMs }
      isOver()
    }, isOver)
    return mine.metadata
  }

  /** As it was said a short while ago. */
  async function metadataOf(client: Client): Promise<openid.ServerMetadata> {
    const isFresh = known?.revision === client.revision && clock.monotonicMs() < known.untilMs
    return isFresh && known ? known.metadata : askMetadata(client)
  }

  /** For one sign-in. */
  function configurationOf(client: Client, metadata: openid.ServerMetadata): openid.Configuration {
    const configuration = new openid.Configuration(
      metadata,
      client.clientId,
      {
        [openid.clockSkew]: Math.round((clock.now().getTime() - Date.now()) / 1_000),
        [openid.clockTolerance]: toleranceS,
      },
      authenticationOf(client, metadata),
    )
    configuration[openid.customFetch] = customFetch
    configuration.timeout = timeoutS
    // Otherwise the library trusts the connection alone, and takes whatever stands in a token.
    openid.enableNonRepudiationChecks(configuration)
    if (isLoopback(client.issuer)) openid.allowInsecureRequests(configuration)
    if (keys?.revision === client.revision && clock.monotonicMs() < keys.untilMs) {
      // Younger than a minute, the library would not look again for a key it misses: the provider may have changed them.
      const uat = Math.floor(Date.now() / 1_000) - 61
      openid.setJwksCache(configuration, { jwks: structuredClone(keys.jwks), uat } as never)
    }
    return configuration
  }

  function keepKeys({ revision }: Client, configuration: openid.Configuration): void {
    const cache = openid.getJwksCache(configuration)
    if (!cache) return
    // Only what was fetched just now begins a new time.
    const isNew = cache.uat > Math.floor(Date.now() / 1_000) - 60
    if (isNew) keys = { revision, jwks: cache.jwks, untilMs: clock.monotonicMs() + keysMs }
  }

  /**
   * Where to send somebody who wants to sign in. The provider is asked first: nobody is sent to one that is down. Throws as
   * `discover` does.
   */
  async function addressFor(
    client: Client,
    { redirectUri, state, nonce, verifier }: Pick<Flow, 'redirectUri' | 'state' | 'nonce' | 'verifier'>,
    more: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const configuration = configurationOf(client, await askMetadata(client))
    const address = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: [...new Set(['openid', ...client.scopes])].join(' '),
      state,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...more,
    })
    return address.href
  }

  /**
   * Turns the answer that a browser brought into who it was. Throws `provider.*` when anything about it is not as it has
   * to be: state, nonce, issuer, audience, time, signature.
   */
  async function redeem(client: Client, flow: Flow, answer: URLSearchParams): Promise<Told> {
    const metadata = await metadataOf(client)
    const configuration = configurationOf(client, metadata)
    try {
      const address = new URL(flow.redirectUri)
      address.search = answer.toString()
      const tokens = await openid.authorizationCodeGrant(configuration, address, {
        pkceCodeVerifier: flow.verifier,
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        idTokenExpected: true,
      })
      keepKeys(client, configuration)
      const token = tokens.claims()
      if (!token) throw fail('provider.not_believed')
      if (token.azp !== undefined && token.azp !== client.clientId) throw fail('provider.not_believed')
      const needsMore = groupsOf(token, client.groupClaim) === null || token.preferred_username === undefined
      const more =
        needsMore && metadata.userinfo_endpoint
          ? await openid.fetchUserInfo(configuration, tokens.access_token, token.sub)
          : {}
      return {
        issuer: metadata.issuer,
        subject: token.sub,
        sid: typeof token.sid === 'string' ? token.sid : null,
        authenticatedAt: momentOf(token.auth_time, clock.now()),
        claims: { ...more, ...token },
      }
    } catch (error) {
      throw toFailure(error, 'answer')
    }
  }

  /** Asks anew what the provider says about itself, and whether it knows us. Throws as `discover` does. */
  async function inspect(client: Client, redirectUri: string): Promise<ProviderFacts> {
    let clockAheadS: number | null = null
    const metadata = await discover(client, async (url, options) => {
      const reply = await customFetch(url, options)
      clockAheadS ??= aheadBy(reply.headers.get('date'), clock.now())
      return reply
    })
    known = null
    const keySet = await fetchKeys(metadata)
    return {
      issuer: metadata.issuer,
      authorizationEndpoint: metadata.authorization_endpoint ?? '',
      tokenEndpoint: metadata.token_endpoint ?? '',
      userInfoEndpoint: metadata.userinfo_endpoint ?? null,
      algorithms: metadata.id_token_signing_alg_values_supported ?? [],
      keys: keySet,
      pkce: metadata.code_challenge_methods_supported?.includes('S256') === true,
      scopes: metadata.scopes_supported?.map(String) ?? null,
      claims: metadata.claims_supported?.map(String) ?? null,
      backChannelLogout: metadata.backchannel_logout_supported === true,
      clockAheadS,
      redirect: await probeRedirect(client, redirectUri),
    }
  }

  async function fetchKeys({ jwks_uri: uri }: openid.ServerMetadata): Promise<number> {
    if (uri === undefined) throw fail('provider.wrong_issuer', { detail: 'It names no address of its keys.' })
    try {
      const reply = await fetch(uri, { redirect: 'manual', signal: AbortSignal.timeout(timeoutS * 1_000) })
      const { keys: found } = (await reply.json()) as { keys?: unknown }
      return Array.isArray(found) ? found.length : 0
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw toFailure(error, 'discovery')
      throw fail('provider.wrong_issuer', { detail: 'It shows no keys where it says they are.' })
    }
  }

  /**
   * Asks to sign in without a person: a provider that knows client and address leads back at once to say that nobody is
   * signed in, and one that does not shows a page of its own.
   */
  async function probeRedirect(client: Client, redirectUri: string): Promise<ProviderFacts['redirect']> {
    const flow = { redirectUri, ...newMarks() }
    try {
      const address = await addressFor(client, flow, { prompt: 'none' })
      const reply = await fetch(address, {
        redirect: 'manual',
        headers: { accept: 'text/html' },
        signal: AbortSignal.timeout(timeoutS * 1_000),
      })
      await reply.body?.cancel()
      const to = reply.headers.get('location')
      if (to?.startsWith(`${redirectUri}?`)) return 'accepted'
      return reply.status >= 400 && reply.status < 500 ? 'refused' : 'unknown'
    } catch {
      return 'unknown'
    }
  }

  /**
   * Reads a word of the provider that somebody signed out there. Throws `provider.sign_out_invalid` unless the provider
   * signed it, for us, a short while ago.
   */
  async function readSignOut(
    client: Client,
    token: string,
  ): Promise<{ issuer: string; subject: string | undefined; sid: string | undefined }> {
    const metadata = await metadataOf(client)
    const { jwks_uri: uri, id_token_signing_alg_values_supported: algorithms = [] } = metadata
    if (uri === undefined) throw fail('provider.wrong_issuer')
    if (signOutKeys?.uri !== uri) {
      // It asks at most every half minute, however many strangers make up keys.
      const find = createRemoteJWKSet(new URL(uri), {
        [joseFetch]: (url, options) => fetch(url, options as RequestInit),
        timeoutDuration: timeoutS * 1_000,
      })
      signOutKeys = { uri, find }
    }
    try {
      const { payload } = await jwtVerify(token, signOutKeys.find, {
        algorithms,
        issuer: metadata.issuer,
        audience: client.clientId,
        clockTolerance: toleranceS,
        maxTokenAge: signOutMaxAgeS,
        requiredClaims: ['jti', 'events'],
        currentDate: clock.now(),
      })
      const { events, nonce, sub, sid } = payload
      const isSignOut = typeof events === 'object' && events !== null && signOutEvent in events
      const subject = typeof sub === 'string' ? sub : undefined
      const session = typeof sid === 'string' ? sid : undefined
      // An ID token has a nonce; it must not pass for the word about a sign-out.
      if (!isSignOut || nonce !== undefined || (subject ?? session) === undefined) {
        throw fail('provider.sign_out_invalid')
      }
      return { issuer: metadata.issuer, subject, sid: session }
    } catch (error) {
      if (error instanceof joseErrors.JWKSTimeout) throw fail('provider.unreachable', { cause: error })
      if (error instanceof joseErrors.JOSEError) throw fail('provider.sign_out_invalid', { cause: error })
      throw toFailure(error, 'answer')
    }
  }

  return { newMarks, addressFor, redeem, inspect, readSignOut, saidBy }
}
export type Connection = ReturnType<typeof createConnection>

/** What an answer is known by again, and what only the browser that asked can show. */
const newMarks = () => ({
  state: openid.randomState(),
  nonce: openid.randomNonce(),
  verifier: openid.randomPKCECodeVerifier(),
})

/** A moment as tokens have it, in seconds since 1970. One that a clock a little ahead of ours has set is now. */
function momentOf(seconds: unknown, now: Date): Date | null {
  if (typeof seconds !== 'number') return null
  const aheadMs = seconds * 1_000 - now.getTime()
  const isPlausible = aheadMs <= toleranceS * 1_000 && aheadMs > -longAgoMs
  return isPlausible ? new Date(now.getTime() + Math.min(0, aheadMs)) : null
}

/** As the provider wants it; the header is what the standard takes when nothing is said. */
function authenticationOf({ clientSecret }: Client, metadata: openid.ServerMetadata): openid.ClientAuth {
  if (clientSecret === null) return openid.None()
  const ways = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  const secret = clientSecret.reveal()
  return ways.includes('client_secret_basic')
    ? openid.ClientSecretBasic(secret)
    : openid.ClientSecretPost(secret)
}

function aheadBy(date: string | null, now: Date): number | null {
  const at = Date.parse(date ?? '')
  return Number.isNaN(at) ? null : Math.round((at - now.getTime()) / 1_000)
}
