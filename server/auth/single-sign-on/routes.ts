import type { singleSignOnApi } from '../../../contract/single-sign-on.ts'
import type { Call, Handlers } from '../../lib/routes.ts'
import { toOrigin, welcome } from '../door.ts'
import { flowMs } from './flows.ts'
import type { SingleSignOn } from './single-sign-on.ts'

export function createSingleSignOnRoutes(sso: SingleSignOn): Handlers<typeof singleSignOnApi> {
  return {
    singleSignOn: {
      ways: (_, { proxyUser }) => sso.ways(proxyUser),
      begin: async (_, call) => leave(call, await sso.begin(toBeginning(call))),
      finish: async ({ body: { answer } }, call) => {
        const finished = await sso.finish(answer, call.signIn.token, toOrigin(call))
        // Other sign-ins of this browser may still be open; the cookie of a few minutes stays.
        if (finished.kind === 'tried') return finished
        call.signIn.clear()
        return { kind: 'signed-in', user: welcome(call, finished.signedIn) }
      },
      byProxy: async (_, call) => welcome(call, await sso.byProxy(call.proxyUser, toOrigin(call))),
      providerSignedOut: async ({ body }, { ip }) => {
        await sso.providerSignedOut(body.logout_token, ip)
        return { ended: true }
      },
    },
    provider: {
      get: async () => ({
        provider: await sso.provider.get(),
        rules: await sso.provider.rules(),
        redirectUri: sso.redirectUri,
        signedOutUri: sso.signedOutUri,
        trustsProxy: sso.trustsProxy,
      }),
      change: ({ body }, { actor }) => sso.provider.change(body, actor),
      changeRules: ({ body }, { actor }) => sso.provider.changeRules(body, actor),
      remove: async (_, { actor }) => {
        await sso.provider.remove(actor)
        return { removed: true }
      },
      inspect: (_, { origin }) => sso.inspect(origin),
      try: async (_, call) => leave(call, await sso.tryOut(toBeginning(call), call.actor)),
      trial: (_, { actor }) => ({ trial: sso.trial(actor) }),
    },
  }
}

type Leaving = Pick<Call, 'ip' | 'origin' | 'signIn'>

const toBeginning = ({ ip, origin, signIn }: Leaving) => ({ ip, origin, browser: signIn.token })

/** The browser keeps what ties it to the sign-in; no script of a page can read it. */
function leave({ signIn }: Leaving, { url, browser }: { url: string; browser: string }): { url: string } {
  signIn.set(browser, flowMs / 1_000)
  return { url }
}
