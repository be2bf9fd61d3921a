import * as z from 'zod'
import { defineApi, download } from './endpoint.ts'
import { problem } from './errors.ts'
import { backupDrillId, backupPlaceId } from './ids.ts'
import { instant } from './page.ts'

const count = z.number().int().min(0)

/** `carl-` the server `-` when `-` why `.carl`: also what tells ours from other files in a folder. */
export const backupName = z
  .string()
  .regex(/^carl-[0-9a-f]{8}-\d{8}T\d{9}Z-(nightly|manual)\.carl$/, 'The name of a backup of this server')

const host = z
  .string()
  .trim()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9:[\]._-]+$/, 'A name or an address')
const path = z
  .string()
  .trim()
  .min(1)
  .max(400)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  .refine((text) => !/[\u0000-\u001f\u007f]|(^|\/)\.\.?(\/|$)/.test(text), 'A path without . and ..')

/** Where copies go, besides the data folder. */
export const placeSettings = z.discriminatedUnion('kind', [
  /** A folder of the machine of this server: another disk, a share that is mounted. */
  z.strictObject({
    kind: z.literal('folder'),
    path: path.refine((text) => text.startsWith('/'), 'A path that begins with /'),
  }),
  z.strictObject({
    kind: z.literal('sftp'),
    host,
    port: z.number().int().min(1).max(65_535),
    username: z.string().trim().min(1).max(64),
    /** Absolute, or from the home of that user. */
    folder: path,
    /** `SHA256:…` of its host key, once somebody has confirmed it. */
    hostKey: z
      .string()
      .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'A fingerprint like SHA256:…')
      .nullable(),
  }),
  /** Amazon S3 and what speaks its language: MinIO, Garage, Backblaze B2, Wasabi, … */
  z.strictObject({
    kind: z.literal('s3'),
    endpoint: z
      .url({ protocol: /^https?$/, error: 'An address like https://s3.example.com' })
      .max(300)
      .refine((text) => !/[?#@]/.test(text), 'An address without name, password, ? and #'),
    region: z
      .string()
      .trim()
      .regex(/^[a-z0-9-]{1,40}$/, 'A region like eu-central-1'),
    bucket: z
      .string()
      .trim()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'The name of a bucket'),
    /** What the names begin with; may be empty. */
    prefix: z
      .string()
      .trim()
      .max(200)
      .regex(/^[A-Za-z0-9._/-]*$/, 'Letters, digits, . _ - and /'),
    accessKeyId: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9_-]{3,128}$/, 'The id of an access key'),
  }),
])
export type PlaceSettings = z.infer<typeof placeSettings>

/** What opens a place: a password or a private key for SFTP, the secret access key for S3, nothing for a folder. */
const placeSecret = z.string().min(1).max(16_384).nullable()

export const backupPlace = z
  .object({
    id: backupPlaceId,
    settings: placeSettings,
    createdAt: instant,
    /** Names of our backups that lay there at the last look. */
    names: z.array(backupName),
    lookedAt: instant.nullable(),
    /** When a copy arrived there last. */
    filledAt: instant.nullable(),
    /** What went wrong last, until something arrives again. */
    problem: problem.nullable(),
  })
  .meta({ id: 'BackupPlace' })
export type BackupPlace = z.infer<typeof backupPlace>

/** One backup in the data folder. */
export const ownBackup = z
  .object({
    name: backupName,
    kind: z.enum(['nightly', 'manual']),
    createdAt: instant,
    /** What is not known of a copy that only lies elsewhere, and was made before this server was restored, is null. */
    sizeBytes: count.nullable(),
    /** The master key that opens it, by its four digits. */
    keyId: z.string().nullable(),
    appVersion: z.string().nullable(),
    /** Rows of all tables. */
    rows: count.nullable(),
    hasLogs: z.boolean().nullable(),
    /** When it was restored on trial last; null for never. */
    provedAt: instant.nullable(),
    /** Whether it is in the data folder. */
    isHere: z.boolean(),
    /** Places with a copy, as they were seen last. */
    placeIds: z.array(backupPlaceId),
  })
  .meta({ id: 'OwnBackup' })
export type OwnBackup = z.infer<typeof ownBackup>

/** A restore on trial: fetched, opened, checked and compared. */
export const backupDrill = z
  .object({
    id: backupDrillId,
    at: instant,
    name: backupName,
    /** Null for the data folder. */
    placeId: backupPlaceId.nullable(),
    isProved: z.boolean(),
    bytes: count,
    rows: count,
    tookMs: count,
    /** Null when it is proved. */
    problem: problem.nullable(),
  })
  .meta({ id: 'BackupDrill' })
export type BackupDrill = z.infer<typeof backupDrill>

/** What is under way. `total` is 0 where nobody can tell. */
export const backupRun = z
  .object({
    work: z.enum(['backup', 'drill']),
    step: z.enum(['copying', 'checking', 'sealing', 'sending', 'fetching', 'restoring', 'comparing']),
    startedAt: instant,
    done: count,
    total: count,
    placeId: backupPlaceId.nullable(),
    isCancelled: z.boolean(),
  })
  .meta({ id: 'BackupRun' })
export type BackupRun = z.infer<typeof backupRun>

export const backupRules = z
  .strictObject({
    /** Whether a backup is made every night. */
    isOn: z.boolean(),
    /** The hour at which it is made, on the clock of the server. */
    hour: z.number().int().min(0).max(23),
    /** Whether the logs of executions come along. */
    hasLogs: z.boolean(),
  })
  .meta({ id: 'BackupRules' })
export type BackupRules = z.infer<typeof backupRules>

export const ownBackups = z
  .object({
    rules: backupRules,
    items: z.array(ownBackup),
    places: z.array(backupPlace),
    /** The newest drills, newest first. */
    drills: z.array(backupDrill),
    run: backupRun.nullable(),
    /** How the last backup ended; null before the first one of this start. */
    last: z.object({ at: instant, problem: problem.nullable() }).nullable(),
    /** When the next one is made; null when none is. */
    nextAt: instant.nullable(),
    /** Snapshots from before upgrades, newest first. */
    snapshots: z.array(z.object({ name: z.string(), createdAt: instant, sizeBytes: count })),
    /** Where they lie on the machine of the server. */
    folder: z.string(),
  })
  .meta({ id: 'OwnBackups' })
export type OwnBackups = z.infer<typeof ownBackups>

/** What a backup holds, shown before anything is replaced by it. */
export const restorePreview = z
  .object({
    createdAt: instant,
    appVersion: z.string(),
    keyId: z.string(),
    nodes: count,
    executions: count,
    users: count,
    hasLogs: z.boolean(),
    /** The server will ask for its passphrase, as the one before did. */
    asksPassphrase: z.boolean(),
  })
  .meta({ id: 'RestorePreview' })
export type RestorePreview = z.infer<typeof restorePreview>

const placeBody = z.strictObject({ settings: placeSettings, secret: placeSecret.default(null) })
const onePlace = z.object({ id: backupPlaceId })
const nothing = z.strictObject({})
const ticket = z.string().max(100)

export const ownBackupsApi = defineApi({
  ownBackups: {
    get: {
      method: 'GET',
      path: '/own-backups',
      summary: 'Show the backups of this server: what is kept, where, and what is proved',
      permission: 'own-backup.read',
      reply: ownBackups,
    },
    start: {
      method: 'POST',
      path: '/own-backups',
      summary: 'Make a backup of this server now',
      permission: 'own-backup.write',
      body: nothing,
      reply: backupRun,
      status: 202,
      errors: ['own-backup.running'],
    },
    drill: {
      method: 'POST',
      path: '/own-backups/drills',
      summary: 'Restore the newest backup on trial, beside the running server',
      permission: 'own-backup.write',
      body: nothing,
      reply: backupRun,
      status: 202,
      errors: ['own-backup.running', 'own-backup.none'],
    },
    cancel: {
      method: 'POST',
      path: '/own-backups/cancel',
      summary: 'Cancel the backup or the drill that is under way',
      permission: 'own-backup.write',
      body: nothing,
      reply: z.object({ cancelled: z.boolean() }),
    },
    file: {
      method: 'GET',
      path: '/own-backups/:name/file',
      summary: 'Download a backup; only the recovery kit opens it',
      permission: 'own-backup.write',
      params: z.object({ name: backupName }),
      reply: download('application/octet-stream'),
      errors: ['own-backup.not_found'],
    },
    setRules: {
      method: 'PUT',
      path: '/own-backups/rules',
      summary: 'Say when backups are made and what is in them',
      permission: 'own-backup.write',
      body: backupRules,
      reply: backupRules,
    },
    addPlace: {
      method: 'POST',
      path: '/own-backups/places',
      summary: 'Add a place that every backup is copied to; it is tried first',
      permission: 'own-backup.write',
      stepUp: true,
      body: placeBody,
      reply: backupPlace,
      status: 201,
      errors: [
        'own-backup.host_key_unknown',
        'own-backup.place_refused',
        'own-backup.too_many_places',
        'own-backup.secret_missing',
      ],
    },
    testPlace: {
      method: 'POST',
      path: '/own-backups/places/:id/test',
      summary: 'Write a small file to a place, read it and remove it again',
      permission: 'own-backup.write',
      params: onePlace,
      body: nothing,
      reply: backupPlace,
      errors: ['own-backup.place_not_found', 'own-backup.place_refused'],
    },
    removePlace: {
      method: 'DELETE',
      path: '/own-backups/places/:id',
      summary: 'Copy nothing to a place any more; what lies there stays',
      permission: 'own-backup.write',
      stepUp: true,
      params: onePlace,
      reply: z.object({ removed: z.literal(true) }),
      errors: ['own-backup.place_not_found'],
    },
  },
  restore: {
    begin: {
      method: 'POST',
      path: '/restore',
      summary: 'Begin to restore a backup into a server without an administrator, by its set-up token',
      permission: 'public',
      body: z.strictObject({
        token: z.string().max(200),
        /** The recovery kit, or the key in it. */
        kit: z.string().min(1).max(20_000),
      }),
      reply: z.object({ ticket }),
      status: 201,
      errors: ['auth.setup_done', 'auth.setup_link_invalid', 'restore.no_key', 'request.rate_limited'],
    },
    part: {
      method: 'POST',
      path: '/restore/parts',
      summary: 'Hand over the next part of the backup, half a megabyte at most',
      permission: 'public',
      body: z.strictObject({ ticket, at: count, base64: z.base64().max(800_000) }),
      reply: z.object({ received: count }),
      errors: ['restore.ticket_invalid', 'storage.full'],
    },
    open: {
      method: 'POST',
      path: '/restore/open',
      summary: 'Open the backup that was handed over, check it, and show what is in it',
      permission: 'public',
      body: z.strictObject({ ticket }),
      reply: restorePreview,
      errors: [
        'restore.ticket_invalid',
        'restore.not_a_backup',
        'restore.wrong_key',
        'restore.damaged',
        'storage.newer_schema',
        'storage.full',
      ],
    },
    confirm: {
      method: 'POST',
      path: '/restore/confirm',
      summary: 'Put what was opened in the place of this empty server, which starts anew',
      permission: 'public',
      body: z.strictObject({ ticket }),
      reply: z.object({ restarting: z.literal(true) }),
      status: 202,
      errors: ['restore.ticket_invalid', 'auth.setup_done'],
    },
  },
})
