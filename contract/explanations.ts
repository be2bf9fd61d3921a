import * as z from 'zod'
import { depth } from './ai.ts'
import { defineApi } from './endpoint.ts'
import { aiCallId, executionId, questionId } from './ids.ts'
import { instant } from './page.ts'

/** Why a model was asked about a run, or was not. */
export const askReason = z.enum([
  'called',
  /** Handed in to be done within hours, at half the price. */
  'batched',
  'off',
  'no_novelty',
  'cache_exact',
  'cache_similar',
  'budget',
  'circuit_open',
  'no_key',
  'day_limit',
])
export type AskReason = z.infer<typeof askReason>

/** What a claim rests on: something of the same run that can be looked at. */
export const evidence = z.object({
  kind: z.enum(['finding', 'change', 'gap', 'fact']),
  /** Key of the finding, or path among the facts. */
  ref: z.string(),
  label: z.string(),
})
export type Evidence = z.infer<typeof evidence>

/** A sentence of a model that was held against the run and stood. Text, never more. */
export const claim = z.object({ text: z.string(), evidence: z.array(evidence).min(1) })
export type Claim = z.infer<typeof claim>

export const explanation = z
  .object({
    verdict: claim.nullable(),
    happened: z.array(claim),
    lookAt: z.array(claim),
    /** Best first. Each belongs to a finding of this run. */
    suggestions: z.array(claim.extend({ findingKey: z.string() })),
    /** Claims that were left out because they did not hold against the run. */
    dropped: z.number(),
  })
  .meta({ id: 'Explanation' })
export type Explanation = z.infer<typeof explanation>

/** Whose words, at what price. */
const answered = {
  model: z.string().nullable(),
  depth,
  costNanoUsd: z.number().nullable(),
  callId: aiCallId.nullable(),
}

export const question = z
  .object({
    id: questionId,
    at: instant,
    askedBy: z.string(),
    text: z.string(),
    state: z.enum(['asking', 'answered', 'failed', 'not-asked']),
    /** In words, when there is no answer. */
    detail: z.string().nullable(),
    resetsAt: instant.nullable(),
    answer: z.object({ claims: z.array(claim), dropped: z.number() }).nullable(),
    ...answered,
  })
  .meta({ id: 'Question' })
export type Question = z.infer<typeof question>

export const explanationState = z
  .object({
    executionId,
    state: z.enum(['pending', 'not-asked', 'asking', 'failed', 'explained']),
    reason: askReason.nullable(),
    /** In words: why it was not asked, or failed. */
    detail: z.string().nullable(),
    /** When a limit that was met begins anew. */
    resetsAt: instant.nullable(),
    explanation: explanation.nullable(),
    /** When the model said it; older than the run when it is reused. */
    answeredAt: instant.nullable(),
    reused: z.object({ from: executionId, similarity: z.number() }).nullable(),
    ...answered,
    questions: z.array(question),
  })
  .meta({ id: 'ExplanationState' })
export type ExplanationState = z.infer<typeof explanationState>

/** What a call would cost: likely, and at most. Nothing where nothing is charged. */
export const callPrice = z
  .object({
    model: z.string(),
    likelyNanoUsd: z.number(),
    mostNanoUsd: z.number(),
    isPriceKnown: z.boolean(),
    isCharged: z.boolean(),
  })
  .meta({ id: 'CallPrice' })
export type CallPrice = z.infer<typeof callPrice>

const params = z.object({ id: executionId })
const questionText = z.string().trim().min(3).max(500)

export const explanationsApi = defineApi({
  explanations: {
    get: {
      method: 'GET',
      path: '/executions/:id/explanation',
      summary: 'Show what a model made of the report, or why none was asked',
      permission: 'execution.read',
      params,
      reply: explanationState,
      errors: ['execution.not_found', 'execution.no_report'],
    },
    explain: {
      method: 'POST',
      path: '/executions/:id/explain',
      summary: 'Ask a model about the report now; replies at once, the answer comes later',
      permission: 'execution.start',
      params,
      body: z.strictObject({
        depth: depth.default('cheap'),
        /** Also when there is an explanation that could be reused. */
        again: z.boolean().default(false),
      }),
      reply: explanationState,
      errors: ['execution.not_found', 'execution.no_report', 'ai.off'],
    },
    price: {
      method: 'POST',
      path: '/executions/:id/questions/price',
      summary: 'Say what a question about the report would cost, without asking it',
      permission: 'execution.read',
      params,
      body: z.strictObject({ text: questionText, depth: depth.default('cheap') }),
      reply: callPrice,
      errors: ['execution.not_found', 'execution.no_report', 'ai.off'],
    },
    ask: {
      method: 'POST',
      path: '/executions/:id/questions',
      summary: 'Ask a model a question about the report; replies at once, the answer comes later',
      permission: 'execution.start',
      params,
      body: z.strictObject({ text: questionText, depth: depth.default('cheap') }),
      reply: question,
      errors: ['execution.not_found', 'execution.no_report', 'ai.off', 'ai.too_many_questions'],
    },
  },
})
