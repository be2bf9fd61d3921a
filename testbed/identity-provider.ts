import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT, importJWK } from 'jose'
import Provider, { type Adapter, type AdapterPayload, type Configuration } from 'oidc-provider'

/** Somebody who can sign in at the provider: by name alone. */
export interface Person {
  readonly name?: string
  readonly email?: string
  readonly preferred_username?: string
  readonly groups?: readonly string[]
}

interface IdentityProviderOptions {
  readonly redirectUris: readonly string[]
  readonly signedOutUri?: string
  /** The name in the addresses; a name that is not the dashboard's makes it another site for a browser. */
  readonly host?: string
  /** Whether claims stand in the ID token; otherwise only where they are asked for. */
  readonly claimsInToken?: boolean
}

export const clientId = 'carl'
export const clientSecret = 'a secret that only the two of them know'

/** Changes the reply of the token endpoint on its way out. */
export type Tamper = (reply: { id_token: string; access_token: string }) => Promise<object> | object

/**
 * A real, certified OpenID provider in this process, with pages that a browser can use. It can be made to change its keys,
 * to go down, and to lie.
 */
export async function startIdentityProvider(options: IdentityProviderOptions) {
  const { redirectUris, signedOutUri, host = '127.0.0.1', claimsInToken = false } = options
  const people = new Map<string, Person>()
  let key = await newKey('first')
  let tamper: Tamper | null = null
  let answer: (request: IncomingMessage, response: ServerResponse) => unknown = () => undefined
  let requests: string[] = []
  const kept = new Map<string, AdapterPayload>()
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.replace(/\?.*/, '')}`)
    void answer(request, response)
  })
  await listen(server, 0)
  const { port } = server.address() as AddressInfo
  const issuer = `http://${host}:${port}`

  function build(): void {
    const configuration: Configuration = {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: [...redirectUris],
          require_auth_time: true,
          ...(signedOutUri && {
            backchannel_logout_uri: signedOutUri,
            backchannel_logout_session_required: true,
          }),
        },
      ],
      jwks: { keys: [key] },
      pkce: { required: () => true },
      scopes: ['openid', 'profile', 'email', 'groups'],
      claims: {
        openid: ['sub', 'sid'],
        profile: ['name', 'preferred_username'],
        email: ['email'],
        groups: ['groups'],
      },
      // Its own refuses to reach this machine, so as not to be led about by a client; ours is one.
      fetch: (address, init) =>
        fetch(address, { ...(init as RequestInit), dispatcher: undefined } as unknown as RequestInit),
      adapter: memoryOf(kept),
      conformIdTokenClaims: !claimsInToken,
      features: {
        devInteractions: { enabled: false },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: {
          enabled: true,
          logoutSource: (ctx, form) => {
            ctx.body = page(
              'Sign out?',
              `${form}<button form="op.logoutForm" name="logout" value="yes">Yes</button>`,
            )
          },
        },
      },
      cookies: { keys: ['of the testbed'] },
      findAccount: (_ctx, id) => ({
        accountId: id,
        claims: () => ({ sub: id, ...(people.get(id) as object) }),
      }),
      // Nobody is asked whether they agree.
      loadExistingGrant: async ({ oidc: { client, session, params, provider } }) => {
        const grant = new provider.Grant({
          clientId: client?.clientId ?? '',
          accountId: session?.accountId ?? '',
        })
        grant.addOIDCScope(String(params?.scope))
        await grant.save()
        return grant
      },
      interactions: { url: (_ctx, { uid }) => `/enter/${uid}` },
      ttl: {
        AccessToken: 600,
        AuthorizationCode: 60,
        Grant: 600,
        IdToken: 600,
        Interaction: 600,
        Session: 600,
      },
      renderError: (ctx, { error, error_description }) => {
        ctx.type = 'html'
        ctx.body = page('Error', `<p>${error}: ${escape(error_description ?? '')}</p>`)
      },
    }
    const provider = new Provider(issuer, configuration)
    provider.use(async (ctx, next) => {
      await next()
      if (tamper && ctx.oidc?.route === 'token' && ctx.status === 200) {
        ctx.body = await tamper(ctx.body as Parameters<Tamper>[0])
      }
    })
    const callback = provider.callback()
    answer = async (request, response) => {
      const uid = /^\/enter\/([\w-]+)$/.exec(request.url ?? '')?.[1]
      if (uid === undefined) return callback(request, response)
      if (request.method === 'GET') {
        response.setHeader('content-type', 'text/html; charset=utf-8')
        return response.end(page('The testbed', enterForm(uid)))
      }
      const form = new URLSearchParams(await bodyOf(request))
      const login = form.get('login') ?? ''
      const result = people.has(login)
        ? { login: { accountId: login } }
        : { error: 'access_denied', error_description: 'Nobody of this name.' }
      return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
    }
  }
  build()

  return {
    issuer,
    people,
    /** Every request it got, since the last time this was asked. */
    takeRequests: (): string[] => {
      const taken = requests
      requests = []
      return taken
    },
    /** Lets the token endpoint answer what it likes; null makes it honest again. */
    tamperWith: (with_: Tamper | null): void => {
      tamper = with_
    },
    /** Signs anything with the key of the provider, or with another. */
    sign: async (
      payload: JWTPayload,
      given: { key?: JWK; alg?: string; typ?: string } = {},
    ): Promise<string> => {
      const { key: by = key, alg = 'RS256', typ = 'JWT' } = given
      const header = { alg, typ, ...(by.kid && { kid: by.kid }) }
      return new SignJWT(payload).setProtectedHeader(header).sign(await importJWK(by, alg))
    },
    newKey,
    /** Signs with a new key from now on; the old one is gone. */
    rotateKeys: async (): Promise<void> => {
      key = await newKey(`next-${Math.random()}`)
      build()
    },
    goDown: async (): Promise<void> => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
    comeBack: () => listen(server, port),
    stop: async (): Promise<void> => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
export type IdentityProvider = Awaited<ReturnType<typeof startIdentityProvider>>

/** What the provider keeps, for as long as it lives and for it alone. */
function memoryOf(kept: Map<string, AdapterPayload>) {
  return (model: string): Adapter => {
    const keyOf = (id: string) => `${model}:${id}`
    const findBy = (name: 'uid' | 'userCode', value: string) =>
      [...kept].find(([key, payload]) => key.startsWith(`${model}:`) && payload[name] === value)?.[1]
    return {
      upsert: async (id, payload) => void kept.set(keyOf(id), payload),
      find: async (id) => kept.get(keyOf(id)),
      findByUid: async (uid) => findBy('uid', uid),
      findByUserCode: async (userCode) => findBy('userCode', userCode),
      destroy: async (id) => void kept.delete(keyOf(id)),
      consume: async (id) => {
        const payload = kept.get(keyOf(id))
        if (payload) payload.consumed = Math.floor(Date.now() / 1_000)
      },
      revokeByGrantId: async (grantId) => {
        for (const [key, payload] of kept) if (payload.grantId === grantId) kept.delete(key)
      },
    }
  }
}

async function newKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid, use: 'sig', alg: 'RS256' }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, 'localhost')
  await once(server, 'listening')
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

const escape = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,"></head>
<body><main><h1>${title}</h1>${content}</main></body></html>`

const enterForm = (uid: string): string =>
  `<form method="post" action="/enter/${uid}"><label>Who are you? <input name="login" autofocus></label><button>Enter</button></form>`

/** Goes through the pages of a provider as a browser would, and stops where it leads back. */
export function createVisitor() {
  const cookies = new Map<string, string>()

  async function go(address: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = new Headers(init.headers)
    headers.set('cookie', cookie)
    const reply = await fetch(address, { ...init, redirect: 'manual', headers })
    for (const line of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return reply
  }

  /** Signs in as this person. Resolves with the address that the provider leads back to. */
  async function enter(address: string, login: string): Promise<string> {
    const { origin } = new URL(address)
    let reply = await go(address)
    for (let step = 0; step < 10; step++) {
      const to = reply.headers.get('location')
      if (to) {
        const next = new URL(to, origin)
        if (next.origin !== origin) return next.href
        reply = await go(next.href)
        continue
      }
      const html = await reply.text()
      const action = /action="([^"]+)"/.exec(html)?.[1]
      if (action === undefined) throw new Error(`the provider says: ${html}`)
      reply = await go(new URL(action, origin).href, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ login }).toString(),
      })
    }
    throw new Error('the provider leads in circles')
  }

  /** Signs out at the provider, which tells whoever wants to know. */
  async function leave(issuer: string): Promise<void> {
    const html = await (await go(`${issuer}/session/end`)).text()
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
    await go(`${issuer}/session/end/confirm`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ xsrf, logout: 'yes' }).toString(),
    })
  }

  return { enter, leave }
}
export type Visitor = ReturnType<typeof createVisitor>
