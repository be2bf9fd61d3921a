import * as z from 'zod'
import { driverKind } from './ai.ts'
import { defineApi, download } from './endpoint.ts'
import { agentId, aiCallId, executionId, nodeId } from './ids.ts'
import { nanoUsd } from './money.ts'
import { instant, pageOf, pageQuery } from './page.ts'

/** A day of the calendar in the zone of the budgets, `2026-11-26`. */
const day = z.iso.date()

/** What a limit is about: one execution, a day, a month, or a month of one agent. */
export const limitKinds = ['execution', 'day', 'month', 'agent'] as const
export const limitKind = z.enum(limitKinds)
export type LimitKind = z.infer<typeof limitKind>

/** A limit that is reached, and when it begins anew; an execution never does. */
export const reachedLimit = z.object({
  limit: limitKind,
  agentId: agentId.nullable(),
  limitNanoUsd: nanoUsd,
  resetsAt: instant.nullable(),
})
export type ReachedLimit = z.infer<typeof reachedLimit>

/** Prices are old after this many days. */
export const pricesOldDays = 90

/** What models have cost, at a glance. */
export const costSummary = z
  .object({
    todayNanoUsd: nanoUsd,
    monthNanoUsd: nanoUsd,
    /** Of these, what is reserved for calls under way or whose bill is not known. */
    heldTodayNanoUsd: nanoUsd,
    heldMonthNanoUsd: nanoUsd,
    /** Null for no limit, which is not 0. */
    dailyLimitNanoUsd: nanoUsd.nullable(),
    monthlyLimitNanoUsd: nanoUsd.nullable(),
    /** The limit of all that nothing fits under any more; null while models may be asked. */
    reached: reachedLimit.nullable(),
    /** The zone that days and months are counted in. */
    zone: z.string(),
    /** Whether a way to a model is chosen. */
    isAiOn: z.boolean(),
    /** Only a program that plays a model is asked: neither its answers nor these amounts mean anything. */
    isStandIn: z.boolean(),
    prices: z.object({ asOf: day, areOld: z.boolean() }),
  })
  .meta({ id: 'CostSummary' })
export type CostSummary = z.infer<typeof costSummary>

// Prices

/** Picodollars per token: 1 US dollar per million tokens is 1,000,000. */
const picoUsd = z.number().int().min(0).max(10_000_000_000)

/** Prices up to a size of the prompt; the last tier has no size. */
export const priceTier = z.strictObject({
  /** Tokens of the whole prompt, cached or not, up to and with which it holds; null for any. */
  upToPromptTokens: z.number().int().min(1).nullable(),
  input: picoUsd,
  cacheWrite5m: picoUsd,
  cacheWrite1h: picoUsd,
  cacheRead: picoUsd,
  output: picoUsd,
})
export type PriceTier = z.infer<typeof priceTier>

/** The prices of one model from a day on. */
export const priceRow = z
  .object({
    model: z.string(),
    effectiveFrom: day,
    tiers: z.array(priceTier).min(1),
    /** Of the price, what a call in a batch costs, per cent. */
    batchPercent: z.number().int().min(0).max(100),
    source: z.enum(['bundled', 'user']),
    /** When somebody looked. */
    asOf: day,
  })
  .meta({ id: 'PriceRow' })
export type PriceRow = z.infer<typeof priceRow>

export const priceChange = z.strictObject({
  effectiveFrom: day,
  tiers: z
    .array(priceTier)
    .min(1)
    .max(5)
    .refine(
      (tiers) =>
        tiers.every(({ upToPromptTokens: size }, index) =>
          index === tiers.length - 1
            ? size === null
            : size !== null && size > (tiers[index - 1]?.upToPromptTokens ?? 0),
        ),
      'Order the tiers by size; only the last one has none',
    ),
  batchPercent: z.number().int().min(0).max(100).default(50),
})
export type PriceChange = z.infer<typeof priceChange>

const modelName = z.string().min(1).max(200)

// Budgets

/** A limit with what counts against it now. */
export const budget = z
  .object({
    limit: limitKind,
    agentId: agentId.nullable(),
    /** Null for no limit; 0 lets nothing pass. */
    limitNanoUsd: nanoUsd.nullable(),
    isDefault: z.boolean(),
    /** Null for executions, each of which counts for itself. */
    usedNanoUsd: nanoUsd.nullable(),
    /** Of what is used, that which is reserved or not known. */
    heldNanoUsd: nanoUsd.nullable(),
    resetsAt: instant.nullable(),
  })
  .meta({ id: 'Budget' })
export type Budget = z.infer<typeof budget>

/** Shares of a limit at which people hear of it, per cent. */
export const noticePercents = [50, 80, 100] as const

/** A limit that is set: 0 lets nothing pass, null sets none, and left out goes back to the default. */
export const budgetChange = z.strictObject({
  limit: limitKind,
  /** For the limit of an agent. */
  agentId: agentId.nullable().default(null),
  limitNanoUsd: nanoUsd
    .max(1_000_000 * 1_000_000_000)
    .nullable()
    .optional(),
})
export type BudgetChange = z.infer<typeof budgetChange>

export const budgets = z.object({ zone: z.string(), items: z.array(budget) }).meta({ id: 'Budgets' })

// Calls

/** How a call is paid for: by use, by a plan that is paid anyway, or not at all since the model is one's own. */
export const billing = z.enum(['metered', 'plan', 'own'])
export type Billing = z.infer<typeof billing>

export const callPurpose = z.enum(['explanation', 'question', 'digest', 'test'])
export type CallPurpose = z.infer<typeof callPurpose>

/**
 * The life of a payment: `reserved` before the call with the most that it can cost, then `settled` with what it did
 * cost, or `released` where it was certainly not billed. `unknown` may have been billed: the full amount stays held.
 */
export const callState = z.enum(['reserved', 'settled', 'released', 'unknown'])
export type CallState = z.infer<typeof callState>

/** Tokens as they are billed; `input` is what came after the last cache breakpoint, thinking is part of the output. */
export const tokenUse = z.object({
  input: z.number(),
  cacheWrite5m: z.number(),
  cacheWrite1h: z.number(),
  cacheRead: z.number(),
  output: z.number(),
  thinking: z.number(),
})
export type TokenUse = z.infer<typeof tokenUse>

export const aiCall = z
  .object({
    id: aiCallId,
    at: instant,
    purpose: callPurpose,
    executionId: executionId.nullable(),
    nodeId: nodeId.nullable(),
    agentId: agentId.nullable(),
    driver: driverKind,
    model: z.string(),
    mode: z.enum(['direct', 'batch']),
    billing,
    state: callState,
    reservedNanoUsd: nanoUsd,
    /** What counts against the limits. */
    chargedNanoUsd: nanoUsd,
    /** What the tokens cost by the list, whoever pays; null until they are known. */
    listNanoUsd: nanoUsd.nullable(),
    /** False where the price of the model is not known, so that the dearest known one is charged. */
    isPriceKnown: z.boolean(),
    use: tokenUse.nullable(),
    requestId: z.string().nullable(),
    stopReason: z.string().nullable(),
    durationMs: z.number().nullable(),
    /** Why it was released or is held. */
    why: z.string().nullable(),
  })
  .meta({ id: 'AiCall' })
export type AiCall = z.infer<typeof aiCall>

// Spending

const share = { nanoUsd, calls: z.number() }

/** Why a model was not asked, or less was paid. */
export const savingReason = z.enum(['quiet', 'cache-exact', 'cache-similar', 'batched', 'budget'])
export type SavingReason = z.infer<typeof savingReason>

/** What the month will come to: from `least` to `most` in four months of five that go on like this one. */
export const costForecast = z.object({
  likelyNanoUsd: nanoUsd,
  leastNanoUsd: nanoUsd,
  mostNanoUsd: nanoUsd,
  /** Whole days it was learnt from. */
  days: z.number(),
})
export type CostForecast = z.infer<typeof costForecast>

/** Something that could be better; where it is a limit, it can be applied as it stands. */
export const costSuggestion = z.object({
  kind: z.enum([
    'limit-will-be-reached',
    'limit-is-loose',
    'agent-dominates',
    'bills-unknown',
    'prices-old',
    'price-unknown',
    'cheaper-model',
  ]),
  /** What it is about: an agent or a model. */
  subject: z.string().nullable(),
  nanoUsd: nanoUsd.nullable(),
  percent: z.number().nullable(),
  apply: budgetChange.nullable(),
})
export type CostSuggestion = z.infer<typeof costSuggestion>

export const spending = z
  .object({
    zone: z.string(),
    from: day,
    to: day,
    totalNanoUsd: nanoUsd,
    calls: z.number(),
    /** Every day, also those without any. */
    days: z.array(z.object({ day, nanoUsd })),
    byAgent: z.array(z.object({ agentId: agentId.nullable(), ...share })),
    byNode: z.array(z.object({ nodeId: nodeId.nullable(), nodeName: z.string().nullable(), ...share })),
    byModel: z.array(
      z.object({ driver: driverKind, model: z.string(), isPriceKnown: z.boolean(), ...share }),
    ),
    savings: z.array(z.object({ reason: savingReason, runs: z.number(), nanoUsd })),
    /** Null until there are enough days to tell. */
    forecast: costForecast.nullable(),
    suggestions: z.array(costSuggestion),
  })
  .meta({ id: 'Spending' })
export type Spending = z.infer<typeof spending>

// Estimates

export const costEstimate = z
  .object({
    driver: driverKind,
    model: z.string().nullable(),
    /** Where no model would be asked, all amounts are 0. */
    isAiOn: z.boolean(),
    billing,
    /** Of each run; nothing, if nothing is new. */
    likelyNanoUsd: nanoUsd,
    mostNanoUsd: nanoUsd,
    atLeastNanoUsd: z.literal(0),
    isPriceKnown: z.boolean(),
    /** Calls of the past it was learnt from; 0 for what is known of such calls in general. */
    learntFrom: z.number(),
  })
  .meta({ id: 'CostEstimate' })
export type CostEstimate = z.infer<typeof costEstimate>

export const recostResult = z
  .object({ looked: z.number(), changed: z.number(), beforeNanoUsd: nanoUsd, afterNanoUsd: nanoUsd })
  .meta({ id: 'RecostResult' })
export type RecostResult = z.infer<typeof recostResult>

const days = z.coerce.number().int().min(1).max(366).default(30)

export const costsApi = defineApi({
  costs: {
    summary: {
      method: 'GET',
      path: '/costs/summary',
      summary: 'Show what models have cost today and this month',
      permission: 'cost.read',
      reply: costSummary,
    },
    spending: {
      method: 'GET',
      path: '/costs/spending',
      summary: 'Show the spending of the last days by day, agent, node and model',
      permission: 'cost.read',
      query: z.object({ days }),
      reply: spending,
    },
    calls: {
      method: 'GET',
      path: '/costs/calls',
      summary: 'List calls of models with their tokens, newest first',
      permission: 'cost.read',
      query: pageQuery.extend({ executionId: executionId.optional(), state: callState.optional() }),
      reply: pageOf(aiCall),
    },
    resolve: {
      method: 'POST',
      path: '/costs/calls/:id/resolve',
      summary: 'Say whether a call was billed whose bill is not known',
      permission: 'budget.write',
      params: z.object({ id: aiCallId }),
      body: z.strictObject({ wasBilled: z.boolean() }),
      reply: aiCall,
      errors: ['call.not_found', 'call.not_held'],
    },
    export: {
      method: 'GET',
      path: '/costs/export',
      summary: 'Download the calls of the last days as CSV',
      permission: 'cost.read',
      query: z.object({ days }),
      reply: download('text/csv'),
    },
    estimate: {
      method: 'POST',
      path: '/costs/estimate',
      summary: 'Estimate what the model costs in one run of an agent on one node',
      permission: 'cost.read',
      body: z.strictObject({
        agentId,
        /** Left out, those that the settings name. */
        driver: driverKind.optional(),
        model: modelName.optional(),
        inputTokens: z.number().int().min(1).max(2_000_000).optional(),
      }),
      reply: costEstimate,
    },
    budgets: {
      method: 'GET',
      path: '/costs/budgets',
      summary: 'Show the limits, and what counts against them',
      permission: 'cost.read',
      reply: budgets,
    },
    setBudget: {
      method: 'PUT',
      path: '/costs/budgets',
      summary: 'Set a limit, set none, or go back to the default',
      permission: 'budget.write',
      stepUp: true,
      body: budgetChange,
      reply: budgets,
    },
    setZone: {
      method: 'PUT',
      path: '/costs/zone',
      summary: 'Choose the time zone that days and months of the budgets are counted in',
      permission: 'budget.write',
      stepUp: true,
      body: z.strictObject({ zone: z.string().min(1).max(100) }),
      reply: budgets,
    },
    prices: {
      method: 'GET',
      path: '/costs/prices',
      summary: 'Show the prices of models',
      permission: 'cost.read',
      reply: z.object({ asOf: day, areOld: z.boolean(), items: z.array(priceRow) }),
    },
    setPrice: {
      method: 'PUT',
      path: '/costs/prices/:model',
      summary: 'Set the price of a model from a day on',
      permission: 'budget.write',
      stepUp: true,
      params: z.object({ model: modelName }),
      body: priceChange,
      reply: priceRow,
    },
    resetPrice: {
      method: 'DELETE',
      path: '/costs/prices/:model',
      summary: 'Go back to the bundled prices of a model',
      permission: 'budget.write',
      stepUp: true,
      params: z.object({ model: modelName }),
      reply: z.object({ removed: z.number() }),
      errors: ['price.not_found'],
    },
    recost: {
      method: 'POST',
      path: '/costs/recost',
      summary: 'Compute every call anew with the prices as they are now',
      permission: 'budget.write',
      reply: recostResult,
    },
  },
})
