import * as z from 'zod'
import { defineApi } from './endpoint.ts'
import { credentialId, nodeId } from './ids.ts'
import { instant } from './page.ts'

/** What opens a node. Secrets go in and never come out: only that they are set, and since when. */
export const credential = z
  .object({
    id: credentialId,
    name: z.string(),
    kind: z.enum(['key', 'password']),
    /** The line for authorized_keys; null for a password. */
    publicKey: z.string().nullable(),
    fingerprint: z.string().nullable(),
    hasSudoPassword: z.boolean(),
    /** The secret was brought from elsewhere, so somebody else may know it. */
    isUploaded: z.boolean(),
    nodeIds: z.array(nodeId),
    createdAt: instant,
    /** When the secret itself was last set. */
    secretSetAt: instant,
  })
  .meta({ id: 'Credential' })
export type Credential = z.infer<typeof credential>

const name = z.string().trim().min(1).max(100)
const sudoPassword = z.string().min(1).max(1_024).nullable().default(null)

/** Make a new ed25519 key pair here, bring one's own private key, or store a password. */
export const credentialCreate = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('generate'), name, sudoPassword }),
    z.strictObject({
      kind: z.literal('key'),
      name,
      /** The private key in any usual format, at most 64 KiB. */
      privateKey: z.string().min(1).max(65_536),
      /** Opens the key once, here; it is not stored. */
      passphrase: z.string().max(1_024).nullable().default(null),
      sudoPassword,
    }),
    z.strictObject({
      kind: z.literal('password'),
      name,
      password: z.string().min(1).max(1_024),
      sudoPassword,
    }),
  ])
  .meta({ id: 'CredentialCreate' })
export type CredentialCreate = z.infer<typeof credentialCreate>

const one = z.object({ id: credentialId })
const keyErrors = [
  'key.passphrase_required',
  'key.passphrase_wrong',
  'key.is_public',
  'key.hardware',
  'key.unsupported',
  'key.weak',
  'key.damaged',
  'key.unrecognised',
] as const

export const credentialsApi = defineApi({
  credentials: {
    list: {
      method: 'GET',
      path: '/credentials',
      summary: 'List credentials, without their secrets',
      permission: 'credential.read',
      reply: z.object({ items: z.array(credential) }),
    },
    create: {
      method: 'POST',
      path: '/credentials',
      summary: 'Generate a key pair, upload a private key, or store a password',
      permission: 'credential.write',
      body: credentialCreate,
      reply: credential,
      status: 201,
      errors: ['credential.name_taken', ...keyErrors],
    },
    replace: {
      method: 'PUT',
      path: '/credentials/:id',
      summary: 'Replace the secret of a credential; nodes that refused the old one are tried again',
      permission: 'credential.write',
      stepUp: true,
      params: one,
      body: credentialCreate,
      reply: credential,
      errors: ['credential.not_found', 'credential.name_taken', 'key.rotating', ...keyErrors],
    },
    remove: {
      method: 'DELETE',
      path: '/credentials/:id',
      summary: 'Forget a credential that no node uses',
      permission: 'credential.write',
      params: one,
      reply: z.object({ removed: z.literal(true) }),
      errors: ['credential.not_found', 'credential.in_use'],
    },
  },
})
