import * as z from 'zod'

/**
 * `samples/NAME.json`: what an agent would meet on a node, recorded, and what it has to say of it. Files lie below a
 * folder that stands for `/`; commands are answered from the record, and none is started. Every JSON file that lies directly
 * in `samples/` is one; what only the tests of an agent read lies in `answers/`.
 */
export const sample = z.strictObject({
  /** What it shows, in one sentence. */
  says: z.string().min(1).max(300),
  mode: z.enum(['report', 'plan']).default('report'),
  /** Options that differ from the defaults. */
  options: z.record(z.string(), z.unknown()).default({}),
  /** Past samples by key, oldest first, as [unix seconds, value]. */
  history: z.record(z.string(), z.array(z.tuple([z.number(), z.unknown()]))).default({}),
  files: z
    .record(
      z.string().regex(/^(?!.*\/\.\.(?:\/|$))\/[^\0]+$/, 'A whole path, without ..'),
      z.union([
        z.string(),
        z.strictObject({
          bytes: z
            .number()
            .int()
            .min(0)
            .max(2 ** 40),
        }),
      ]),
    )
    .default({}),
  commands: z
    .array(
      z.strictObject({
        argv: z.array(z.string()).min(1),
        rc: z.number().int().nullable().default(0),
        out: z.string().default(''),
        err: z.string().default(''),
        /** What was unusual: `missing`, `timeout`, `truncated`. */
        note: z.string().nullable().default(null),
      }),
    )
    .default([]),
  expect: z
    .strictObject({
      /** Keys of the findings, `rule:subject`: these and no others. */
      findings: z.array(z.string()).optional(),
      /** What could not be seen, by the first word: these and no others. */
      gaps: z.array(z.string()).optional(),
      /** Names of the changes it proposes. */
      actions: z.array(z.string()).optional(),
    })
    .default({}),
})
export type Sample = z.infer<typeof sample>
