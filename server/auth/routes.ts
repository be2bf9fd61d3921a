import type { accountsApi, User } from '../../contract/accounts.ts'
import type { usersApi } from '../../contract/users.ts'
import type { Call, Handlers } from '../lib/routes.ts'
import { Secret } from '../lib/secret.ts'
import type { Auth } from './auth.ts'
import type { Origin, SignedIn } from './sessions.ts'

export function createAuthRoutes(auth: Auth): Handlers<typeof accountsApi & typeof usersApi> {
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
      login: async ({ body: { name, password } }, call) =>
        welcome(call, await auth.login({ name, password: new Secret(password) }, toOrigin(call))),
      link: async ({ body: { token } }, call) =>
        welcome(call, await auth.loginByLink(new Secret(token), toOrigin(call))),
      current: (_, { actor }) => auth.current(actor),
      logout: async (_, { actor, session }) => {
        await auth.logout(actor)
        session.clear()
        return { signedOut: true }
      },
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
      resetPassword: async ({ params }, { actor }) => ({
        password: (await auth.users.resetPassword(params.id, actor)).reveal(),
      }),
      remove: async ({ params }, { actor }) => {
        await auth.users.remove(params.id, actor)
        return { removed: true }
      },
    },
  }
}

type Door = Pick<Call, 'ip' | 'userAgent' | 'session'>

const toOrigin = ({ ip, userAgent, session }: Door): Origin => ({ ip, userAgent, replaces: session.token })

/** The token travels in the cookie alone, where no script of a page can read it. */
function welcome({ session }: Door, { user, token, expiresAt }: SignedIn): User {
  session.set(token.reveal(), expiresAt)
  return user
}
