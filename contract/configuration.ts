import * as z from 'zod'
import { defineApi, download } from './endpoint.ts'
import { problem } from './errors.ts'

/** What a document can be about, in the order in which they are applied: what others refer to comes first. */
export const configurationKinds = [
  'settings',
  'limits',
  'price',
  'credential',
  'node',
  'models',
  'policy',
  'channel',
  'notifications',
  'backups',
  'backup-place',
  'repository',
  'schedule',
  'trigger',
  'user',
] as const
export const configurationKind = z.enum(configurationKinds)
export type ConfigurationKind = z.infer<typeof configurationKind>

/** What one document changed, or would. */
export const appliedDocument = z
  .object({
    kind: configurationKind,
    /** Null for what there is only one of. */
    name: z.string().nullable(),
    /** Where it begins in the text. */
    line: z.number(),
    change: z.enum(['new', 'changed', 'same']),
    differences: z.array(
      z.object({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() }),
    ),
    /** What will not work yet as things are, such as a password that has to be entered. */
    warnings: z.array(z.string()),
    /** Why it is not applied, or would not be. */
    problem: problem.nullable(),
    /** The first password of somebody who is new: made here, and shown this once. */
    firstPassword: z.string().nullable(),
  })
  .meta({ id: 'AppliedDocument' })
export type AppliedDocument = z.infer<typeof appliedDocument>

export const configurationApi = defineApi({
  configuration: {
    export: {
      method: 'GET',
      path: '/configuration',
      summary:
        'Download what is set up as YAML documents, without any secret; whoever may not see a part gets the rest',
      permission: 'schedule.write',
      reply: download('application/yaml'),
    },
    apply: {
      method: 'POST',
      path: '/configuration',
      summary:
        'Create and change what YAML documents say, and say of each what came of it; with dryRun only tell what would change',
      permission: 'schedule.write',
      body: z.strictObject({
        text: z.string().min(1).max(500_000),
        dryRun: z.boolean().default(false),
        /** Secrets for what is new, by the names that documents give them: `channel/ops/url`. */
        secrets: z.record(z.string().max(1_000), z.string().max(65_536)).default({}),
      }),
      reply: z.object({ items: z.array(appliedDocument) }),
      errors: ['configuration.invalid', 'auth.step_up_required'],
    },
  },
})
