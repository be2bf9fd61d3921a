import { join, resolve } from 'node:path'
import * as z from 'zod'
import { withFiles } from './config-files.ts'
import { fail } from './lib/errors.ts'
import { Secret } from './lib/secret.ts'

const flag = z.stringbool({ truthy: ['1', 'true', 'yes', 'on'], falsy: ['', '0', 'false', 'no', 'off'] })
const port = z
  .string()
  .trim()
  .regex(/^\d{1,5}$/, 'a port number')
  .transform(Number)
  .pipe(z.number().max(65_535))
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
)

const headerName = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9-]{1,100}$/, 'the name of a header')

/**
 * Every environment variable the server reads. None is required: each has a default, and what a person sets later
 * lives under Settings. The description is what `carl start --help` and the guide print. Each can be given as a file as
 * well, by its name with `_FILE` behind.
 */
export const environment = z.object({
  DATA_DIR: z.string().default('./data').describe('Folder for database, logs and keys, on a local disk.'),
  PORT: port.default(3_000).describe('Port of dashboard and API.'),
  API_PORT: port.optional().describe('A second port with the API alone.'),
  HOST: z.string().default('0.0.0.0').describe('Address to listen on; 127.0.0.1 for this machine only.'),
  BASE_PATH: z
    .string()
    .regex(/^(\/[A-Za-z0-9._~-]+)*\/?$/, 'a path like /carl')
    .default('/')
    .transform((path) => (path.endsWith('/') ? path.slice(0, -1) : path))
    .describe('Path below which everything is served behind a proxy, e.g. /carl.'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'an address like https://carl.example.com' })
    .transform((address) => address.replace(/\/+$/, ''))
    .optional()
    .describe('Address people open, for links in messages. Worked out when not set.'),
  TRUSTED_PROXIES: list
    .pipe(z.array(z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()])))
    .default([])
    .describe(
      'Addresses or networks of proxies whose X-Forwarded headers are believed, separated by commas.',
    ),
  TRUSTED_HEADER_USER: headerName
    .optional()
    .describe('Header in which a trusted proxy says whom it has let in, e.g. Remote-User. Off when not set.'),
  TRUSTED_HEADER_GROUPS: headerName
    .default('Remote-Groups')
    .describe('Header with the groups of that person, separated by commas.'),
  TRUSTED_HEADER_SIGN_OUT_URL: z
    .url({ protocol: /^https?$/, error: 'an address like https://auth.example.com/logout' })
    .optional()
    .describe('Where signing out leads whom the proxy has let in.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('How much the server logs: fatal, error, warn, info, debug, trace or silent.'),
  MASTER_KEY_FILE: z
    .string()
    .optional()
    .describe('File with the key that seals credentials: 32 bytes in base64 or hex.'),
  MASTER_KEY_COMMAND: z
    .string()
    .optional()
    .describe('Command that prints that key; it is run without a shell and has a minute.'),
  MASTER_KEY_PASSPHRASE: flag
    .default(false)
    .describe('A fresh server waits for a passphrase, with carl unseal, instead of making a key file.'),
  AUDIT_CHECKPOINT_FILE: z
    .string()
    .optional()
    .describe('File that gets a signed line about the audit trail every hour; best on another disk.'),
  ADMIN_PASSWORD: z
    .string()
    .optional()
    .describe('Password of the first administrator, "admin"; counts only while there is no user.'),
  AGENTS_DIR: z
    .string()
    .optional()
    .describe('Another folder with agents, besides the built-in ones and those in DATA_DIR/agents.'),
  CLAUDE_PROGRAM: z
    .string()
    .default('claude')
    .describe('Claude Code of the user of this server, by name or path; only for the driver of that name.'),
  MODEL_STAND_IN: z
    .url({
      protocol: /^http$/,
      hostname: /^(?:127\.0\.0\.1|localhost)$/,
      error: 'an address like http://127.0.0.1:4010',
    })
    .transform((address) => address.replace(/\/+$/, ''))
    .optional()
    .describe(
      'Address on this machine of a program that only plays Claude, for development. Never set it for real.',
    ),
  ALLOW_NETWORK_STORAGE: flag
    .default(false)
    .describe('Start although the data folder is on a network file system. At your own risk.'),
})

export interface Config {
  readonly dataFolder: string
  readonly port: number
  readonly apiPort: number | null
  readonly host: string
  /** Without a slash at the end; empty at the root. */
  readonly basePath: string
  /** Without a slash at the end. */
  readonly publicUrl: string | null
  readonly trustedProxies: readonly string[]
  /** In lower case; null where no proxy may say who somebody is. */
  readonly proxyHeaders: { readonly user: string; readonly groups: string } | null
  readonly proxySignOutUrl: string | null
  readonly logLevel: string
  readonly masterKeyFile: string | null
  readonly masterKeyCommand: string | null
  readonly masterKeyPassphrase: boolean
  readonly auditCheckpointFile: string
  readonly adminPassword: Secret | null
  /** Where `carl agent new` puts agents, and the first place to look for them. */
  readonly ownAgentsFolder: string
  readonly agentsFolder: string | null
  readonly claudeProgram: string
  /** Null for the real Claude. */
  readonly modelStandIn: string | null
  readonly allowNetworkStorage: boolean
}

/** Reads the environment, and the files that it names. Throws `config.invalid` naming the variable. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const parsed = environment.safeParse(withFiles(env, Object.keys(environment.shape)))
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
    throw fail('config.invalid', {
      detail: issues.map(({ path, message }) => `${path}: ${message}`).join('; '),
      issues,
    })
  }
  const values = parsed.data
  const dataFolder = resolve(values.DATA_DIR)
  return {
    dataFolder,
    port: values.PORT,
    apiPort: values.API_PORT ?? null,
    host: values.HOST,
    basePath: values.BASE_PATH,
    publicUrl: values.PUBLIC_URL ?? null,
    trustedProxies: values.TRUSTED_PROXIES,
    proxyHeaders: proxyHeadersFrom(values),
    proxySignOutUrl: values.TRUSTED_HEADER_SIGN_OUT_URL ?? null,
    logLevel: values.LOG_LEVEL,
    masterKeyFile: values.MASTER_KEY_FILE ?? null,
    masterKeyCommand: values.MASTER_KEY_COMMAND ?? null,
    masterKeyPassphrase: values.MASTER_KEY_PASSPHRASE,
    auditCheckpointFile: values.AUDIT_CHECKPOINT_FILE ?? join(dataFolder, 'audit-checkpoints.jsonl'),
    adminPassword: values.ADMIN_PASSWORD === undefined ? null : new Secret(values.ADMIN_PASSWORD),
    ownAgentsFolder: join(dataFolder, 'agents'),
    agentsFolder: values.AGENTS_DIR ? resolve(values.AGENTS_DIR) : null,
    claudeProgram: values.CLAUDE_PROGRAM,
    modelStandIn: values.MODEL_STAND_IN ?? null,
    allowNetworkStorage: values.ALLOW_NETWORK_STORAGE,
  }
}

/** Without a proxy that is trusted the header would count from nobody, and somebody would wonder why. */
function proxyHeadersFrom(values: z.infer<typeof environment>): Config['proxyHeaders'] {
  if (values.TRUSTED_HEADER_USER === undefined) return null
  if (values.TRUSTED_PROXIES.length === 0) {
    throw fail('config.invalid', {
      detail: 'TRUSTED_HEADER_USER is set without TRUSTED_PROXIES; name the proxy that sends the header',
    })
  }
  return {
    user: values.TRUSTED_HEADER_USER.toLowerCase(),
    groups: values.TRUSTED_HEADER_GROUPS.toLowerCase(),
  }
}
