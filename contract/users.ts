import * as z from 'zod'
import { user, userName } from './accounts.ts'
import { defineApi } from './endpoint.ts'
import { userId } from './ids.ts'
import { instant } from './page.ts'
import { role } from './permissions.ts'

/** Somebody who may sign in, as administrators see them. */
export const listedUser = user
  .extend({
    /** Last use of a session that is open; null when none is. */
    lastSeenAt: instant.nullable(),
    /** How many tokens they have. */
    tokens: z.number(),
    /** Whether anything but the password is asked of them. */
    hasSecondFactor: z.boolean(),
    /** Who vouches for them; null for whoever has a password here. */
    outside: z
      .object({
        /** The identity provider, or the proxy in front. */
        by: z.enum(['provider', 'proxy']),
        issuer: z.string(),
        subject: z.string(),
        /** Whether the role was set here, and so stays whatever the groups say. */
        pinned: z.boolean(),
      })
      .nullable(),
  })
  .meta({ id: 'ListedUser' })
export type ListedUser = z.infer<typeof listedUser>

/** Made by the server and shown this once; whoever gets it changes it under Account. */
const oneTimePassword = z.string()

export const usersApi = defineApi({
  users: {
    list: {
      method: 'GET',
      path: '/users',
      summary: 'List who may sign in',
      permission: 'user.read',
      reply: z.object({ items: z.array(listedUser) }),
    },
    create: {
      method: 'POST',
      path: '/users',
      summary: 'Add somebody; their first password is shown this once',
      permission: 'user.write',
      stepUp: true,
      body: z.strictObject({ name: userName, role }),
      reply: z.object({ user, password: oneTimePassword }),
      status: 201,
      errors: ['user.name_taken'],
    },
    changeRole: {
      method: 'PATCH',
      path: '/users/:id',
      summary: 'Change what somebody may do; their sessions and sockets end',
      permission: 'user.write',
      stepUp: true,
      params: z.object({ id: userId }),
      body: z.strictObject({ role }),
      reply: user,
      errors: ['user.not_found', 'user.own_account', 'user.last_admin'],
    },
    followGroups: {
      method: 'POST',
      path: '/users/:id/follow-groups',
      summary: 'Let the role of somebody from the identity provider follow their groups again',
      permission: 'user.write',
      stepUp: true,
      params: z.object({ id: userId }),
      reply: user,
      errors: ['user.not_found', 'user.own_account', 'user.is_local'],
    },
    resetPassword: {
      method: 'POST',
      path: '/users/:id/password',
      summary: 'Give somebody a new password, shown this once; their sessions and sockets end',
      permission: 'user.write',
      stepUp: true,
      params: z.object({ id: userId }),
      reply: z.object({ password: oneTimePassword }),
      errors: ['user.not_found', 'user.own_account', 'user.signs_in_elsewhere'],
    },
    removeFactors: {
      method: 'DELETE',
      path: '/users/:id/factors',
      summary: 'Take away the second factors of somebody who lost theirs; their sessions and sockets end',
      permission: 'user.write',
      stepUp: true,
      params: z.object({ id: userId }),
      reply: z.object({ removed: z.literal(true) }),
      errors: ['user.not_found', 'user.own_account'],
    },
    remove: {
      method: 'DELETE',
      path: '/users/:id',
      summary: 'Remove somebody, with their sessions and tokens',
      permission: 'user.write',
      stepUp: true,
      params: z.object({ id: userId }),
      reply: z.object({ removed: z.literal(true) }),
      errors: ['user.not_found', 'user.own_account', 'user.last_admin'],
    },
  },
})
