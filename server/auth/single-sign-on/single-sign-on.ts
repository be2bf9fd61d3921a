import type { UserId } from '../../../contract/ids.ts'
import type { ProviderFacts, ProviderTrial } from '../../../contract/single-sign-on.ts'
import type { Audit } from '../../audit/audit.ts'
import type { Database } from '../../db/database.ts'
import { type Actor, serverActor } from '../../lib/actor.ts'
import type { Clock } from '../../lib/clock.ts'
import { fail, isAppError } from '../../lib/errors.ts'
import type { EventBus } from '../../lib/events.ts'
import type { Logger } from '../../lib/logger.ts'
import { once } from '../../lib/once.ts'
import type { Call } from '../../lib/routes.ts'
import type { Sealer } from './store.ts'
import { createAttempts, networkOf } from '../attempts.ts'
import type { Auth, Claim } from '../auth.ts'
import { strangerFrom, userIdOf } from '../person.ts'
import type { Origin, SignedIn } from '../sessions.ts'
import { type Claims, groupsOf, nameFrom, roleFor, toReadable } from './claims.ts'
import type { Fetch, Told } from './connection.ts'
import { createFlows } from './flows.ts'
import { createIdentityStore, proxyIssuer } from './identities.ts'
import { createOutsiders } from './outsiders.ts'
import { createProvider } from './provider.ts'
import { createProviderStore } from './store.ts'

interface SingleSignOnTools {
  db: Database
  auth: Pick<Auth, 'parts' | 'identify'>
  vault: Sealer
  audit: Audit
  events: EventBus
  clock: Clock
  logger: Logger
  /** How requests go to the provider. */
  fetch: Fetch
  /** The address people open; null when the server was not told. */
  publicUrl: string | null
  basePath: string
  /** Whether a proxy in front may say who somebody is. */
  trustsProxy: boolean
}

type ProxyUser = Call['proxyUser']

interface Beginning {
  readonly ip: string
  /** The address of this server as the browser has it. */
  readonly origin: string | null
  /** What ties the browser to a sign-in of before. */
  readonly browser: string | null
}

/** What came of an answer. A trial signs nobody in: its result waits for whoever began it. */
export type Finished =
  | { readonly kind: 'signed-in'; readonly signedIn: SignedIn }
  | { readonly kind: 'tried' }

const callbackPath = '/sign-in/callback'
const signedOutPath = '/api/v1/single-sign-on/signed-out'

const limitedMs = 5 * 60_000
const mostPerNetwork = 30
/** A provider tells of each session by itself. */
const mostSignOuts = 600
const trialMs = 10 * 60_000

/** Signing in by the word of somebody outside: the identity provider, or a trusted proxy in front. */
export function createSingleSignOn(tools: SingleSignOnTools) {
  const { db, auth, audit, clock, logger, publicUrl, basePath, trustsProxy } = tools
  const { parts } = auth
  const identities = createIdentityStore(db)
  const store = createProviderStore(db)
  const outsiders = createOutsiders({ ...tools, parts, identities, providers: store })
  const provider = createProvider({ ...tools, store, outsiders })
  // What speaks OpenID Connect is loaded with the first sign-in that needs it: many houses have no provider.
  const connection = once(async () => (await import('./connection.ts')).createConnection(tools))
  const flows = createFlows(clock)
  const byNetwork = createAttempts({ clock, most: mostPerNetwork, withinMs: limitedMs })
  const signOuts = createAttempts({ clock, most: mostSignOuts, withinMs: limitedMs })
  const trials = new Map<UserId, { trial: ProviderTrial; untilMs: number }>()

  /** What the sign-in page offers. */
  async function ways(proxyUser: ProxyUser) {
    const [current, { hidesPassword }] = await Promise.all([provider.get(), provider.rules()])
    const isOn = current?.enabled === true
    const byProxy = proxyUser.kind === 'named' ? proxyUser.user : null
    return {
      // With nothing else to offer, hiding it would leave an empty page.
      password: !hidesPassword || (!isOn && byProxy === null),
      provider: isOn ? current.label : null,
      proxyUser: byProxy,
    }
  }

  /** Leads somebody to the provider. Throws `provider.*` and `request.rate_limited`. */
  async function begin(from: Beginning): Promise<{ url: string; browser: string }> {
    byNetwork.count(networkOf(from.ip))
    return lead(from, null)
  }

  /** Leads an administrator to the provider to see what it says; it may be switched off for everybody else. */
  async function tryOut(from: Beginning, actor: Actor): Promise<{ url: string; browser: string }> {
    const leading = await lead(from, userIdOf(actor))
    const action = 'provider.tried'
    await db.write((tx) => audit.append(tx, { actor, action, target: null, detail: {} }))
    return leading
  }

  async function lead({ origin, browser }: Beginning, trialOf: UserId | null) {
    const client = await provider.client({ mustBeOn: trialOf === null })
    const { newMarks, addressFor } = await connection()
    const flow = {
      ...newMarks(),
      redirectUri: `${ownAddress(origin)}${callbackPath}`,
      revision: client.revision,
      trialOf,
    }
    const url = await addressFor(client, flow)
    return { url, browser: flows.begin(flow, browser) }
  }

  /** The provider leads to one address; a sign-in that begins at another would lose its cookie on the way. */
  function ownAddress(origin: string | null): string {
    if (publicUrl === null) {
      if (origin === null) throw fail('provider.other_address')
      return `${origin}${basePath}`
    }
    if (origin !== null && new URL(origin).host !== new URL(publicUrl).host) {
      throw fail('provider.other_address', { detail: `The provider leads back to ${publicUrl}` })
    }
    return publicUrl
  }

  /** Takes what the provider sent along with a browser. Throws `provider.*` and `request.rate_limited`. */
  async function finish(answer: string, browser: string | null, origin: Origin): Promise<Finished> {
    byNetwork.count(networkOf(origin.ip))
    const given = new URLSearchParams(answer)
    const flow = flows.take(given.get('state') ?? '', browser)
    if (!flow) {
      await noteRefusal(origin.ip, { way: 'oidc', why: 'provider.stale' })
      throw fail('provider.stale')
    }
    if (flow.trialOf !== null) {
      await keepTrial(flow.trialOf, await trialOf(() => tellOf()))
      return { kind: 'tried' }
    }
    const told = await tellOf().catch(async (error: unknown) => {
      const said = (await connection()).saidBy(error)
      logger.warn({ err: error, said }, 'sign-in with the provider failed')
      const why = isAppError(error) ? error.code : 'bug'
      await noteRefusal(origin.ip, { way: 'oidc', why, said })
      throw error
    })
    return { kind: 'signed-in', signedIn: await outsiders.signIn(await toArrival(told), 'oidc', origin) }

    async function tellOf(): Promise<Told> {
      const client = await provider.client({ mustBeOn: flow?.trialOf === null })
      // Set up anew meanwhile: the answer belongs to another client, perhaps to another provider.
      if (!flow || client.revision !== flow.revision) throw fail('provider.stale')
      return (await connection()).redeem(client, flow, given)
    }
  }

  const noteRefusal = (ip: string, detail: Record<string, unknown>): Promise<void> =>
    db.write((tx) =>
      audit.append(tx, { actor: strangerFrom(ip), action: 'session.refused', target: null, detail }),
    )

  async function toArrival({ issuer, subject, sid, authenticatedAt, claims }: Told) {
    const groups = (await groupsIn(claims)) ?? []
    return { issuer, subject, sid, authenticatedAt, groups, name: nameFrom(claims, subject) }
  }

  const groupsIn = async (claims: Claims): Promise<string[] | null> =>
    groupsOf(claims, (await store.provider())?.groupClaim ?? 'groups')

  async function trialOf(tell: () => Promise<Told>): Promise<ProviderTrial> {
    const at = clock.now().toISOString()
    try {
      const { subject, claims } = await tell()
      const groups = await groupsIn(claims)
      const role = roleFor(groups ?? [], await provider.rules())
      const name = nameFrom(claims, subject)
      return { at, outcome: { kind: 'answered', subject, name, claims: toReadable(claims), groups, role } }
    } catch (error) {
      if (!isAppError(error)) throw error
      const said = (await connection()).saidBy(error)
      return { at, outcome: { kind: 'failed', problem: error.problem, said } }
    }
  }

  async function keepTrial(userId: UserId, trial: ProviderTrial): Promise<void> {
    trials.set(userId, { trial, untilMs: clock.monotonicMs() + trialMs })
  }

  /** What came of the last trial of whoever asks, for some minutes. */
  function trial(actor: Actor): ProviderTrial | null {
    for (const [userId, { untilMs }] of trials) if (untilMs <= clock.monotonicMs()) trials.delete(userId)
    return trials.get(userIdOf(actor))?.trial ?? null
  }

  async function inspect(origin: string | null): Promise<ProviderFacts> {
    const client = await provider.client({ mustBeOn: false })
    return (await connection()).inspect(client, `${ownAddress(origin)}${callbackPath}`)
  }

  /** Signs in whom the proxy names. Throws `proxy.not_believed`, `provider.no_access` and `request.rate_limited`. */
  async function byProxy(proxyUser: ProxyUser, origin: Origin): Promise<SignedIn> {
    byNetwork.count(networkOf(origin.ip))
    if (proxyUser.kind !== 'named') {
      if (proxyUser.kind === 'not-believed') {
        await noteRefusal(origin.ip, { way: 'proxy', why: 'proxy.not_believed' })
      }
      throw fail('proxy.not_believed')
    }
    const { user, groups } = proxyUser
    const arrival = {
      issuer: proxyIssuer,
      subject: user,
      groups,
      name: nameFrom({ preferred_username: user }, user),
      sid: null,
      authenticatedAt: null,
    }
    return outsiders.signIn(arrival, 'proxy', origin)
  }

  /** Ends the sessions of somebody who signed out at the provider. Throws `provider.sign_out_invalid`. */
  async function providerSignedOut(token: string, ip: string): Promise<void> {
    signOuts.count(networkOf(ip))
    const client = await provider.client({ mustBeOn: true })
    const { issuer, subject, sid } = await (await connection()).readSignOut(client, token)
    const actor = { ...serverActor, ip }
    await outsiders.endSessions(issuer, { subject, sid }, { actor, why: 'signed out at the provider' })
  }

  /**
   * As `auth.identify`; but a session that the proxy began is worth nothing while the proxy says that somebody else sits
   * at the browser.
   */
  async function identify({ proxyUser, ...claim }: Claim & { proxyUser: ProxyUser }): Promise<Actor | null> {
    const actor = await auth.identify(claim)
    if (!actor || actor.sessionId === null || proxyUser.kind !== 'named') return actor
    const outsider = await identities.outsiderOf(actor.sessionId)
    return outsider?.issuer === proxyIssuer && outsider.subject !== proxyUser.user ? null : actor
  }

  return {
    ways,
    begin,
    tryOut,
    finish,
    byProxy,
    providerSignedOut,
    identify,
    inspect,
    trial,
    provider,
    redirectUri: `${publicUrl ?? basePath}${callbackPath}`,
    signedOutUri: `${publicUrl ?? basePath}${signedOutPath}`,
    trustsProxy,
  }
}
export type SingleSignOn = ReturnType<typeof createSingleSignOn>
