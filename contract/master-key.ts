import * as z from 'zod'
import { defineApi } from './endpoint.ts'
import { instant } from './page.ts'

export const keySource = z.enum(['generated', 'file', 'command', 'passphrase'])

/** What is wrong with the place of the master key. */
export const keyConcern = z.enum(['readable-by-others', 'beside-data', 'same-disk'])
export type KeyConcern = z.infer<typeof keyConcern>

const passphrase = z.string().min(1).max(1_024)

/** The master key as it may be shown: never itself. */
export const keyStatus = z
  .object({
    /** Four hex digits that tell keys apart. */
    keyId: z.string(),
    source: keySource,
    /** A file, or the name of what gives the key. */
    place: z.string(),
    concerns: z.array(keyConcern),
    /** When the key in use took over; null for the first one. */
    changedAt: instant.nullable(),
    /** A change of the key that is under way. */
    rotation: z
      .object({
        from: z.string(),
        to: z.string(),
        startedAt: instant,
        /** Sealed values that have the new key, and all. */
        done: z.number(),
        total: z.number(),
        /** Why it does not get on; null while it does. */
        stalled: z.string().nullable(),
      })
      .nullable(),
    /** What became of the recovery kit of this key; null while nobody has decided. */
    kit: z.object({ state: z.enum(['downloaded', 'declined']), at: instant, by: z.string() }).nullable(),
  })
  .meta({ id: 'KeyStatus' })
export type KeyStatus = z.infer<typeof keyStatus>

/** What brings the secrets back on another machine. */
export const recoveryKit = z
  .object({
    instanceId: z.string(),
    keyId: z.string(),
    source: keySource,
    /** Base64; null where the key is kept outside of this server. */
    key: z.string().nullable(),
    place: z.string(),
    madeAt: instant,
  })
  .meta({ id: 'RecoveryKit' })
export type RecoveryKit = z.infer<typeof recoveryKit>

export const masterKeyApi = defineApi({
  masterKey: {
    status: {
      method: 'GET',
      path: '/master-key',
      summary: 'Show which master key is in use, where it lies, and how a change of it goes on',
      permission: 'master-key.read',
      reply: keyStatus,
    },
    rotate: {
      method: 'POST',
      path: '/master-key/rotation',
      summary: 'Begin to change the master key; every stored secret is sealed anew',
      permission: 'master-key.rotate',
      stepUp: true,
      body: z.strictObject({
        /** How the new key is kept; as the old one when left out. */
        to: z.enum(['generated', 'passphrase']).optional(),
        /** For a key that is closed with one. */
        passphrase: passphrase.optional(),
      }),
      reply: keyStatus,
      status: 202,
      errors: [
        'vault.rotation_running',
        'vault.key_elsewhere',
        'vault.no_next_key',
        'vault.passphrase_weak',
        'vault.key_unusable',
      ],
    },
    recoveryKit: {
      method: 'POST',
      path: '/master-key/recovery-kit',
      summary: 'Hand out the recovery kit, with the master key where this server keeps it',
      permission: 'master-key.reveal',
      stepUp: true,
      reply: recoveryKit,
    },
    declineKit: {
      method: 'POST',
      path: '/master-key/recovery-kit/decline',
      summary: 'Say that no recovery kit is wanted, so that nobody is reminded of it',
      permission: 'master-key.reveal',
      reply: keyStatus,
    },
    /** The one call that a sealed server answers. */
    unseal: {
      method: 'POST',
      path: '/unseal',
      summary: 'Open a sealed server with its passphrase',
      permission: 'public',
      body: z.strictObject({ passphrase }),
      reply: z.object({ unsealed: z.literal(true) }),
      errors: ['vault.wrong_passphrase', 'vault.passphrase_weak', 'vault.not_sealed', 'request.rate_limited'],
    },
  },
})
