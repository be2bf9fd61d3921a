import * as z from 'zod'
import { readCron, toCronProblemText } from './cron.ts'
import { defineApi, download } from './endpoint.ts'
import { agentId, batchId, scheduleId, triggerId } from './ids.ts'
import { nanoUsd } from './money.ts'
import { weekdayWords } from './occurrences.ts'
import { instant, pageOf, pageQuery } from './page.ts'
import { targets } from './targets.ts'
import { isZone, readWallText } from './zone-clock.ts'

const cron = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .superRefine((text, context) => {
    const { problem } = readCron(text)
    if (problem) context.addIssue({ code: 'custom', message: toCronProblemText(problem) })
  })

const wallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'A time of day like 22:00')

/** When it runs. */
export const timing = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cron'), cron }),
  z.strictObject({
    kind: z.literal('interval'),
    everyMinutes: z
      .number()
      .int()
      .min(1)
      .max(366 * 1_440),
    /** The first time. */
    from: instant,
  }),
  z.strictObject({
    kind: z.literal('once'),
    /** On the wall of the zone. */
    at: z.string().refine((text) => readWallText(text) !== null, 'A day and a time like 2026-12-24T18:00'),
  }),
])

export const zone = z.string().min(1).max(100).refine(isZone, 'A zone like Europe/Berlin, or UTC')

/** A time of day in which nothing starts; over midnight where it ends before it begins. */
export const blackout = z
  .strictObject({
    /** The days on which it begins; none are all. */
    days: z.array(z.enum(weekdayWords)).max(7).default([]),
    from: wallTime,
    to: wallTime,
  })
  .refine(({ from, to }) => from !== to, 'It ends when it begins')

/**
 * What happens to runs that were missed, while the server was off for instance. `skip`: nothing. `once`: one run makes up
 * for all. `all`: each is made up for, up to `most`. Runs that are older than `withinHours` are let go in any case.
 */
export const catchUp = z.strictObject({
  policy: z.enum(['skip', 'once', 'all']).default('once'),
  withinHours: z
    .number()
    .int()
    .min(1)
    .max(24 * 31)
    .default(24),
  most: z.number().int().min(1).max(100).default(5),
})
export type CatchUp = z.infer<typeof catchUp>

/** What happens when the run before has not ended: leave this one out, let it wait, or run both. */
export const overlap = z.enum(['skip', 'queue', 'parallel'])
export type Overlap = z.infer<typeof overlap>

const timingFields = {
  timing,
  zone,
  /** Each start is put off by up to this long, always by the same for the same occurrence; seconds. */
  jitterS: z.number().int().min(0).max(3_600).default(0),
  blackouts: z.array(blackout).max(20).default([]),
}

export const scheduleSpec = z.strictObject({
  name: z.string().trim().min(1).max(120),
  ...timingFields,
  agentId,
  targets,
  options: z.record(z.string(), z.unknown()).default({}),
  dryRun: z.boolean().default(false),
  timeoutS: z.number().int().min(1).max(86_400).nullable().default(null),
  catchUp: catchUp.default({ policy: 'once', withinHours: 24, most: 5 }),
  overlap: overlap.default('skip'),
  paused: z.boolean().default(false),
  /** Who is told of what, as the document says it; null for what the settings say. */
  notifications: z.record(z.string(), z.unknown()).nullable().default(null),
  /** What somebody thinks it will cost, as the document says it. */
  estimatedCost: z.string().max(100).nullable().default(null),
})
export type ScheduleSpec = z.infer<typeof scheduleSpec>

/**
 * What became of an occurrence. `waiting`: until the run before has ended. `ran`, and `late` when it started more than a
 * minute after its time. `skipped`: left out on purpose. `merged`: another run makes up for it. `missed`: it should have
 * run and did not.
 */
export const occurrenceStates = ['waiting', 'ran', 'late', 'skipped', 'merged', 'missed'] as const
export const occurrenceState = z.enum(occurrenceStates)
export type OccurrenceState = z.infer<typeof occurrenceState>

/** Why it did not simply run. `refused` comes with the words of the refusal. */
export const occurrenceReasons = [
  'server-off',
  'too-old',
  'too-many',
  'made-up-for',
  'overlap',
  'behind-waiting',
  'blackout',
  'refused',
  'waited',
] as const
export const occurrenceReason = z.enum(occurrenceReasons)
export type OccurrenceReason = z.infer<typeof occurrenceReason>

export const settledOccurrence = z
  .object({
    scheduleId,
    at: instant,
    dueAt: instant,
    state: occurrenceState,
    reason: occurrenceReason.nullable(),
    detail: z.string().nullable(),
    /** More than one where a row stands for many that are long gone. */
    count: z.number(),
    settledAt: instant.nullable(),
    batchId: batchId.nullable(),
    /** What became of its executions. */
    executions: z.object({ total: z.number(), active: z.number(), succeeded: z.number() }),
  })
  .meta({ id: 'SettledOccurrence' })
export type SettledOccurrence = z.infer<typeof settledOccurrence>

export const clockShift = z.enum(['moved', 'first-of-two', 'second-of-two'])

/** An occurrence to come. */
export const comingOccurrence = z.object({
  at: instant,
  dueAt: instant,
  /** What the wall of the zone shows, or would: `2026-03-29T02:30`. */
  wall: z.string(),
  /** What a change of the clock does to it. */
  shift: clockShift.nullable(),
  isBlackedOut: z.boolean(),
})
export type ComingOccurrence = z.infer<typeof comingOccurrence>

/** How a schedule does. `overdue`: what was last expected did not run. */
export const scheduleStanding = z.enum(['ok', 'paused', 'overdue', 'ended'])
export type ScheduleStanding = z.infer<typeof scheduleStanding>

export const schedule = scheduleSpec
  .extend({
    id: scheduleId,
    standing: scheduleStanding,
    /** The next time it starts; null when it never does again, or is paused. */
    nextAt: instant.nullable(),
    last: settledOccurrence.nullable(),
    createdBy: z.string(),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'Schedule' })
export type Schedule = z.infer<typeof schedule>

export const schedulePreview = z
  .object({
    next: z.array(comingOccurrence),
    /** The next time that the clock of the zone jumps, and by how many minutes. */
    clockChange: z.object({ at: instant, byMinutes: z.number() }).nullable(),
    /** Starts in the thirty days to come. */
    runsPerMonth: z.number(),
    /** What models will likely cost in them, and at most; null where no agent is named or nothing matches. */
    cost: z.object({ likelyNanoUsd: nanoUsd, mostNanoUsd: nanoUsd, nodes: z.number() }).nullable(),
  })
  .meta({ id: 'SchedulePreview' })
export type SchedulePreview = z.infer<typeof schedulePreview>

/** What a document would change, or has changed. */
export const appliedSchedule = z.object({
  what: z.enum(['schedule', 'trigger']),
  name: z.string(),
  id: z.union([scheduleId, triggerId]).nullable(),
  kind: z.enum(['new', 'changed', 'same']),
  differences: z.array(
    z.object({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() }),
  ),
  /** What will keep it from running as things are now, such as an agent that is not there. */
  warnings: z.array(z.string()),
})
export type AppliedSchedule = z.infer<typeof appliedSchedule>

/** A schedule that stands in another one's way; `id` is null for the one that is being made. */
const involved = z.object({ id: scheduleId.nullable(), name: z.string() })

/** What is likely to be in each other's way in the weeks to come; the kinds are those of `conflicts.ts`. */
export const scheduleConflict = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('overlap'),
    schedules: z.array(involved),
    nodes: z.array(z.string()),
    /** The first time, and how often. */
    at: instant,
    times: z.number(),
  }),
  z.object({ kind: z.literal('pile-up'), schedules: z.array(involved), at: instant, times: z.number() }),
  z.object({
    kind: z.literal('budget'),
    limit: z.enum(['day', 'month']),
    schedules: z.array(involved),
    at: instant,
    likelyNanoUsd: nanoUsd,
    limitNanoUsd: nanoUsd,
  }),
])
export type ScheduleConflict = z.infer<typeof scheduleConflict>

/** Other times for a schedule, at which it is in nobody's way. */
export const scheduleMove = z.strictObject({ id: scheduleId, before: timing, after: timing })
export type ScheduleMove = z.infer<typeof scheduleMove>

export const scheduleConflicts = z
  .object({
    conflicts: z.array(scheduleConflict),
    /** What would resolve them; of one that is being made, only in `draft`. */
    moves: z.array(scheduleMove.extend({ name: z.string(), zone: z.string() })),
    /** Other times for the one that is being made; null where it may stay, or finds no room. */
    draft: timing.nullable(),
  })
  .meta({ id: 'ScheduleConflicts' })
export type ScheduleConflicts = z.infer<typeof scheduleConflicts>

const one = z.object({ id: scheduleId })

export const schedulesApi = defineApi({
  schedules: {
    list: {
      method: 'GET',
      path: '/schedules',
      summary: 'List schedules by name',
      permission: 'schedule.read',
      query: pageQuery.extend({ search: z.string().max(100).optional() }),
      reply: pageOf(schedule),
    },
    create: {
      method: 'POST',
      path: '/schedules',
      summary: 'Create a schedule',
      permission: 'schedule.write',
      body: scheduleSpec,
      reply: schedule,
      status: 201,
      errors: [
        'schedule.name_taken',
        'schedule.address_needs_admin',
        'agent.not_found',
        'agent.options_invalid',
      ],
    },
    preview: {
      method: 'POST',
      path: '/schedules/preview',
      summary:
        'Show when a schedule would run next, what a change of the clock does to it, and what it costs',
      permission: 'schedule.read',
      body: z.strictObject({
        ...timingFields,
        agentId: agentId.optional(),
        targets: targets.optional(),
        /** Whose jitter it is; a new schedule has none yet. */
        id: scheduleId.optional(),
      }),
      reply: schedulePreview,
    },
    conflicts: {
      method: 'POST',
      path: '/schedules/conflicts',
      summary: 'Show which schedules are in each other’s way, and other times that resolve it',
      permission: 'schedule.read',
      body: z.strictObject({
        /** One that is being made or changed: then only what it has to do with is told. */
        draft: z
          .strictObject({ ...timingFields, agentId, targets, id: scheduleId.optional() })
          .nullable()
          .default(null),
      }),
      reply: scheduleConflicts,
    },
    spread: {
      method: 'POST',
      path: '/schedules/spread',
      summary: 'Give schedules other times, all of them or none; only where they are still as they were seen',
      permission: 'schedule.write',
      body: z.strictObject({ moves: z.array(scheduleMove).min(1).max(1_000) }),
      reply: z.object({ changed: z.number() }),
      errors: ['schedule.not_found', 'schedule.changed_meanwhile'],
    },
    apply: {
      method: 'POST',
      path: '/schedules/apply',
      summary:
        'Create and change schedules and triggers as a YAML document says; with dryRun only tell what would change',
      permission: 'schedule.write',
      body: z.strictObject({ text: z.string().min(1).max(500_000), dryRun: z.boolean().default(false) }),
      reply: z.object({ items: z.array(appliedSchedule) }),
      errors: ['schedule.document_invalid', 'schedule.address_needs_admin'],
    },
    export: {
      method: 'GET',
      path: '/schedules/export',
      summary:
        'Download schedules and triggers as a YAML document, with the addresses it tells people at, or one schedule',
      permission: 'schedule.write',
      query: z.object({ id: scheduleId.optional() }),
      reply: download('application/yaml'),
      errors: ['schedule.not_found'],
    },
    calendar: {
      method: 'GET',
      path: '/schedules/calendar',
      summary: 'List what ran, was left out and will run in a stretch of time, at most 62 days',
      permission: 'schedule.read',
      query: z.object({ from: instant, to: instant }),
      reply: z.object({
        past: z.array(settledOccurrence),
        coming: z.array(comingOccurrence.extend({ scheduleId })),
        /** What those are called that are in it. */
        schedules: z.array(z.object({ id: scheduleId, name: z.string() })),
        /** Some were left out, to stay bounded. */
        isCut: z.boolean(),
      }),
    },
    get: {
      method: 'GET',
      path: '/schedules/:id',
      summary: 'Show one schedule',
      permission: 'schedule.read',
      params: one,
      reply: schedule,
      errors: ['schedule.not_found'],
    },
    change: {
      method: 'PATCH',
      path: '/schedules/:id',
      summary: 'Change a schedule; paused is one of its fields',
      permission: 'schedule.write',
      params: one,
      body: scheduleChange(),
      reply: schedule,
      errors: [
        'schedule.not_found',
        'schedule.name_taken',
        'schedule.address_needs_admin',
        'agent.not_found',
        'agent.options_invalid',
      ],
    },
    remove: {
      method: 'DELETE',
      path: '/schedules/:id',
      summary: 'Remove a schedule and the record of its occurrences; its executions stay',
      permission: 'schedule.write',
      params: one,
      reply: z.object({ removed: z.literal(true) }),
      errors: ['schedule.not_found'],
    },
    run: {
      method: 'POST',
      path: '/schedules/:id/run',
      summary: 'Run what a schedule runs, now',
      permission: 'execution.start',
      params: one,
      reply: z.object({ batchId }),
      status: 202,
      errors: [
        'schedule.not_found',
        'agent.not_found',
        'agent.options_invalid',
        'node.none_selected',
        'node.agent_not_allowed',
        'storage.full',
      ],
    },
    occurrences: {
      method: 'GET',
      path: '/schedules/:id/occurrences',
      summary: 'List what became of the occurrences of a schedule, newest first',
      permission: 'schedule.read',
      params: one,
      query: pageQuery,
      reply: pageOf(settledOccurrence),
      errors: ['schedule.not_found'],
    },
    coming: {
      method: 'GET',
      path: '/schedules/:id/coming',
      summary: 'List the next occurrences of a schedule',
      permission: 'schedule.read',
      params: one,
      query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(10) }),
      reply: schedulePreview,
      errors: ['schedule.not_found'],
    },
  },
})

/** Every field may be left out, and nothing is filled in for it. */
function scheduleChange() {
  const { shape } = scheduleSpec
  const bare = <Schema extends z.ZodType>(schema: z.ZodDefault<Schema>): Schema => schema.unwrap() as Schema
  return z
    .strictObject({
      ...shape,
      jitterS: bare(shape.jitterS),
      blackouts: bare(shape.blackouts),
      options: bare(shape.options),
      dryRun: bare(shape.dryRun),
      timeoutS: bare(shape.timeoutS),
      catchUp: bare(shape.catchUp),
      overlap: bare(shape.overlap),
      paused: bare(shape.paused),
      notifications: bare(shape.notifications),
      estimatedCost: bare(shape.estimatedCost),
    })
    .partial()
}
