import type { accountsApi } from '../../contract/accounts.ts'
import type { secondFactorsApi } from '../../contract/second-factors.ts'
import type { usersApi } from '../../contract/users.ts'
import type { Actor } from '../lib/actor.ts'
import type { Call, Handlers } from '../lib/routes.ts'
import { Secret } from '../lib/secret.ts'
import type { Auth } from './auth.ts'
import { toOrigin, welcome } from './door.ts'
import type { Proof } from './presence.ts'

export function createAuthRoutes(
  auth: Auth,
  /** Where signing out leads whom the proxy has let in. */
  proxySignOutUrl: string | null = null,
): Handlers<typeof accountsApi & typeof secondFactorsApi & typeof usersApi> {
  async function prove(
    proof: Proof,
    { actor, host, session }: Pick<Call, 'host' | 'session'> & { actor: Actor },
  ) {
    const { token, expiresAt, until } = await auth.presence.prove(proof, actor, host)
    session.set(token.reveal(), expiresAt)
    return { until: until.toISOString() }
  }

  return {
    setup: {
      status: async () => ({ claimed: await auth.isClaimed() }),
      claim: async ({ body: { token, name, password } }, call) =>
        welcome(
          call,
          await auth.claim(
            { token: new Secret(token), name, password: new Secret(password) },
            toOrigin(call),
          ),
        ),
    },
    session: {
      login: async ({ body: { name, password } }, call) => {
        const reply = await auth.signIn.login({ name, password: new Secret(password) }, toOrigin(call))
        return reply.kind === 'second-factor'
          ? reply
          : { kind: 'signed-in' as const, user: welcome(call, reply) }
      },
      link: async ({ body: { token } }, call) =>
        welcome(call, await auth.signIn.byLink(new Secret(token), toOrigin(call))),
      current: (_, { actor }) => auth.current(actor),
      logout: async (_, { actor, session, proxyUser }) => {
        await auth.logout(actor)
        session.clear()
        return { signedOut: true, goTo: proxyUser.kind === 'named' ? proxySignOutUrl : null }
      },
    },
    signIn: {
      secondFactor: async ({ body }, call) =>
        welcome(call, await auth.signIn.secondFactor(body, toOrigin(call))),
      passkeyOptions: ({ body }, call) => auth.signIn.askPasskey(body.token, call),
      passkey: async ({ body }, call) =>
        welcome(call, await auth.signIn.byPasskey(body, toOrigin(call), call.host)),
    },
    factors: {
      list: (_, { actor }) => auth.factors.list(actor),
      beginTotp: (_, { actor }) => auth.factors.beginTotp(actor),
      addTotp: ({ body }, { actor }) => auth.factors.addTotp(body, actor),
      removeTotp: async (_, { actor }) => {
        await auth.factors.removeTotp(actor)
        return { removed: true }
      },
      passkeyOptions: (_, { actor, host }) => auth.factors.passkeyOptions(actor, host),
      addPasskey: ({ body }, { actor, host }) => auth.factors.addPasskey(body, actor, host),
      removePasskey: async ({ params }, { actor }) => {
        await auth.factors.removePasskey(params.id, actor)
        return { removed: true }
      },
      newRecoveryCodes: async (_, { actor }) => ({
        recoveryCodes: await auth.factors.renewRecoveryCodes(actor),
      }),
    },
    presence: {
      passkeyOptions: (_, { actor, host }) => auth.presence.ask(actor, host),
      proveByCode: ({ body }, call) => prove({ way: 'totp', ...body }, call),
      proveByPasskey: ({ body }, call) => prove({ way: 'passkey', ...body }, call),
      proveByPassword: ({ body }, call) =>
        prove({ way: 'password', password: new Secret(body.password) }, call),
    },
    account: {
      sessions: async (_, { actor }) => ({ items: await auth.sessions(actor) }),
      revokeSession: async ({ params }, { actor }) => {
        await auth.revokeSession(params.id, actor)
        return { removed: true }
      },
      changePassword: async ({ body: { current, password } }, { actor }) => {
        await auth.changePassword({ current: new Secret(current), password: new Secret(password) }, actor)
        return { changed: true }
      },
      tokens: async (_, { actor }) => ({ items: await auth.tokens(actor) }),
      createToken: async ({ body }, { actor }) => {
        const { token, text } = await auth.createToken(body, actor)
        return { token, text: text.reveal() }
      },
      revokeToken: async ({ params }, { actor }) => {
        await auth.revokeToken(params.id, actor)
        return { removed: true }
      },
    },
    users: {
      list: async () => ({ items: await auth.users.list() }),
      create: async ({ body }, { actor }) => {
        const { user, password } = await auth.users.create(body, actor)
        return { user, password: password.reveal() }
      },
      changeRole: ({ params, body }, { actor }) => auth.users.changeRole(params.id, body.role, actor),
      followGroups: ({ params }, { actor }) => auth.users.followGroups(params.id, actor),
      resetPassword: async ({ params }, { actor }) => ({
        password: (await auth.users.resetPassword(params.id, actor)).reveal(),
      }),
      removeFactors: async ({ params }, { actor }) => {
        await auth.users.removeFactors(params.id, actor)
        return { removed: true }
      },
      remove: async ({ params }, { actor }) => {
        await auth.users.remove(params.id, actor)
        return { removed: true }
      },
    },
  }
}
