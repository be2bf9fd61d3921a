import * as z from 'zod'
import { defineApi } from './endpoint.ts'
import { executionId, nodeId, repositoryId } from './ids.ts'
import { instant } from './page.ts'

/** The agent that looks at repositories, and the only one that is lent their secrets. */
export const validatorId = 'backup-validator'

export const repositoryKinds = [
  'restic',
  'borg',
  'kopia',
  'pbs',
  'duplicity',
  'rsnapshot',
  'zfs',
  'btrfs',
  'vzdump',
  'archives',
  'dir',
] as const
export type RepositoryKind = (typeof repositoryKinds)[number]

/** Kinds that a password opens. */
export const sealedKinds: readonly RepositoryKind[] = ['restic', 'borg', 'kopia', 'duplicity']

/** What a repository at a provider may be opened with, besides its password; the agent passes on no others. */
export const repositoryVariables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_DEFAULT_REGION',
  'B2_ACCOUNT_ID',
  'B2_ACCOUNT_KEY',
  'AZURE_ACCOUNT_NAME',
  'AZURE_ACCOUNT_KEY',
  'AZURE_ACCOUNT_SAS',
  'GOOGLE_PROJECT_ID',
  'GOOGLE_ACCESS_TOKEN',
  'RESTIC_REST_USERNAME',
  'RESTIC_REST_PASSWORD',
  'OS_AUTH_URL',
  'OS_USERNAME',
  'OS_PASSWORD',
  'OS_TENANT_NAME',
  'OS_REGION_NAME',
  'FTP_PASSWORD',
] as const

/**
 * How a repository was met last: `unseen` nobody has looked yet · `open` looked into · `outside` looked at without its
 * password · `missing` its place is gone · the others: why it refused.
 */
export const repositoryStates = [
  'unseen',
  'open',
  'outside',
  'missing',
  'wrong-password',
  'no-repository',
  'locked',
  'error',
] as const

const count = z.number().int().min(0)

/** Backups of one kind at one place, as one node sees them. */
export const repository = z
  .object({
    id: repositoryId,
    nodeId,
    nodeName: z.string(),
    kind: z.enum(repositoryKinds),
    /** A path of the node, or an address such as `sftp:nas:/backup`. */
    location: z.string(),
    state: z.enum(repositoryStates),
    newestAt: instant.nullable(),
    backups: count,
    sizeBytes: z.number().nullable(),
    /** When the agent looked last, and in which run. */
    lookedAt: instant.nullable(),
    executionId: executionId.nullable(),
    /** The last time that what is stored was read, and whether that was whole. */
    check: z.object({ at: instant, isWhole: z.boolean(), how: z.string() }).nullable(),
    /** The last restore drill, whatever came of it. */
    drill: z
      .object({ at: instant, executionId, isProved: z.boolean(), why: z.string().nullable() })
      .nullable(),
    /** The last restore that came back as it should. It stays when a later drill fails. */
    proof: z.object({ at: instant, executionId, files: count, bytes: count, identical: count }).nullable(),
    /** Open findings about it after the last look. */
    findings: z.object({ critical: count, high: count, warning: count, info: count }),
    /** That a secret is kept, never the secret. */
    secret: z.object({ setAt: instant, variables: z.array(z.string()) }).nullable(),
  })
  .meta({ id: 'Repository' })
export type Repository = z.infer<typeof repository>

/**
 * A place as the agent takes it: a path without anything superfluous, or an address without white space in which no
 * part reads like an option of a program, and without a password.
 */
export function isLocation(text: string): boolean {
  if (text.startsWith('/')) {
    const isNormal = !/\/(\/|\.{1,2}(\/|$))/.test(text) && (text === '/' || !text.endsWith('/'))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    return isNormal && !/[\u0000-\u001f\u007f]/.test(text)
  }
  return /^(?!.*(?:^|[@/:])-)(?!.*:\/\/[^/@]*:[^/@]*@)[A-Za-z0-9][A-Za-z0-9._+:@/%~=-]*$/.test(text)
}

const secretBody = z
  .strictObject({
    password: z.string().min(1).max(4_096),
    variables: z.partialRecord(z.enum(repositoryVariables), z.string().min(1).max(4_096)).default({}),
  })
  .refine(({ password }) => !/[\r\n]/.test(password), { path: ['password'], message: 'One line only' })
export type RepositorySecret = z.infer<typeof secretBody>

export const repositoryCreate = z
  .strictObject({
    nodeId,
    kind: z.enum(repositoryKinds),
    location: z
      .string()
      .trim()
      .min(1)
      .max(400)
      .refine(isLocation, 'A path without // and .., or an address without a password'),
    secret: secretBody.nullable().default(null),
  })
  .meta({ id: 'RepositoryCreate' })
export type RepositoryCreate = z.infer<typeof repositoryCreate>

const one = z.object({ id: repositoryId })

export const repositoriesApi = defineApi({
  repositories: {
    list: {
      method: 'GET',
      path: '/repositories',
      summary: 'List the backup repositories of all nodes, with the last proven restore of each',
      permission: 'repository.read',
      reply: z.object({ items: z.array(repository) }),
    },
    create: {
      method: 'POST',
      path: '/repositories',
      summary: 'Name a repository that no run has found',
      permission: 'repository.write',
      body: repositoryCreate,
      reply: repository,
      status: 201,
      errors: ['node.not_found', 'repository.exists', 'repository.too_many', 'repository.no_secret'],
    },
    setSecret: {
      method: 'PUT',
      path: '/repositories/:id/secret',
      summary:
        'Store or replace the password of a repository; it is lent to the Backup Validator for one run at a time',
      permission: 'repository.write',
      stepUp: true,
      params: one,
      body: secretBody,
      reply: repository,
      errors: ['repository.not_found', 'repository.no_secret'],
    },
    removeSecret: {
      method: 'DELETE',
      path: '/repositories/:id/secret',
      summary: 'Forget the password of a repository',
      permission: 'repository.write',
      params: one,
      reply: repository,
      errors: ['repository.not_found'],
    },
    remove: {
      method: 'DELETE',
      path: '/repositories/:id',
      summary: 'Forget a repository with its secret and its proofs; it comes back when a run finds it',
      permission: 'repository.write',
      params: one,
      reply: z.object({ removed: z.literal(true) }),
      errors: ['repository.not_found'],
    },
  },
})
