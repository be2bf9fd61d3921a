import * as z from 'zod'
import { defineApi } from './endpoint.ts'
import { agentId, aiCallId, executionId, nodeId } from './ids.ts'
import { instant } from './page.ts'

/** Who is asked: nobody, Claude by its API, a local model, or the Claude Code that somebody has on this machine. */
export const driverKind = z.enum(['none', 'anthropic', 'openai-compatible', 'claude-code'])
export type DriverKind = z.infer<typeof driverKind>

/** Those that can have a key. Claude Code has its own sign-in, which this server never sees. */
export const keyedDriver = z.enum(['anthropic', 'openai-compatible'])
export type KeyedDriver = z.infer<typeof keyedDriver>

/** What for: the cheap model by default, the deep one when somebody wants more. */
export const depth = z.enum(['cheap', 'deep'])
export type Depth = z.infer<typeof depth>

export const aiPurpose = z.enum(['explanation', 'question', 'digest', 'test'])
export type AiPurpose = z.infer<typeof aiPurpose>

const address = z
  .url({ protocol: /^https?$/, error: 'An address like http://192.168.1.5:11434' })
  .max(500)
  .refine((text) => !/[?#@]/.test(text), 'An address without name, password, ? and #')
  .overwrite((text) => text.replace(/\/+$/, '').replace(/\/v1$/, ''))
/** A model by its exact name; a wildcard is none. */
const modelName = z
  .string()
  .trim()
  .max(200)
  .regex(/^[\w.:/@+-]*$/, 'Letters, digits and . : / @ + - _')

/** How models are asked. Nothing is sent anywhere before a driver is chosen. */
export const aiSetup = z
  .strictObject({
    driver: driverKind.default('none'),
    anthropic: z
      .strictObject({
        baseUrl: address.default('https://api.anthropic.com'),
        cheap: modelName.min(1).default('claude-haiku-5-5'),
        deep: modelName.min(1).default('claude-sonnet-5-5'),
      })
      .prefault({}),
    local: z
      .strictObject({
        /** With or without `/v1` at the end. */
        baseUrl: address.default('http://localhost:11434'),
        cheap: modelName.default(''),
        /** Empty for the same as `cheap`. */
        deep: modelName.default(''),
        /** Tokens that the server gives one request; what does not fit is not sent. */
        contextTokens: z.number().int().min(2_048).max(1_000_000).default(8_192),
        /** It costs nothing though it is out in the internet; one at home never does. */
        isFree: z.boolean().default(false),
      })
      .prefault({}),
    claudeCode: z
      .strictObject({
        cheap: modelName.min(1).default('haiku'),
        deep: modelName.min(1).default('sonnet'),
        callsPerDay: z.number().int().min(1).max(1_000).default(20),
        /** Somebody read whose terms hold, and that it uses up their plan. */
        hasReadNotice: z.boolean().default(false),
      })
      .prefault({}),
    explain: z
      .strictObject({
        /** Of explanations and answers. */
        language: z.enum(['en', 'de']).default('en'),
        /** How alike two runs must be for words to be used again; what decides must be equal in any case. */
        similarity: z.number().min(0.8).max(1).default(0.95),
        /** Lines of logs of these go out as they are, without secrets and names; of others only their kinds. */
        rawLogNodes: z.array(nodeId).max(10_000).default([]),
        /** Seconds that calls of a sweep are gathered, so that they share a prefix and the same is asked once. */
        windowS: z.number().int().min(0).max(600).default(60),
        /** Hours that an explanation nobody clicked for may take, at half the price; 0 for at once. Claude by key only. */
        waitH: z.union([z.literal(0), z.number().int().min(2).max(24)]).default(0),
      })
      .prefault({}),
    /** Nothing about these leaves the server. */
    nodesOff: z.array(nodeId).max(10_000).default([]),
    agentsOff: z.array(agentId).max(1_000).default([]),
  })
  .refine(({ driver, claudeCode }) => driver !== 'claude-code' || claudeCode.hasReadNotice, {
    path: ['claudeCode', 'hasReadNotice'],
    message: 'Read the notice first, and say so',
  })
  .refine(({ driver, local }) => driver !== 'openai-compatible' || local.cheap !== '', {
    path: ['local', 'cheap'],
    message: 'Name the model',
  })
export type AiSetup = z.infer<typeof aiSetup>

/** What of one node may go to a model. */
export const nodeAiSetup = z.strictObject({
  /** Nothing about it leaves the server. */
  isOff: z.boolean(),
  /** Lines of its logs go out as they are, without secrets and names; otherwise only their kinds. */
  sendsRawLogs: z.boolean(),
})
export type NodeAiSetup = z.infer<typeof nodeAiSetup>

/** A key that is kept: that it is there, never what it is. */
const keptKey = z.object({
  setAt: instant,
  /** It goes to this address only; another address asks for the key anew. */
  baseUrl: z.string(),
})

export const aiState = z
  .object({
    setup: aiSetup,
    keys: z.object({ anthropic: keptKey.nullable(), 'openai-compatible': keptKey.nullable() }),
    /** Answers come from a program that only plays a model, for development and demonstration. */
    isStandIn: z.boolean(),
    /** After failures nobody is asked until then. */
    pause: z.object({ until: instant, why: z.string() }).nullable(),
    claudeCodeCallsToday: z.number(),
  })
  .meta({ id: 'AiState' })
export type AiState = z.infer<typeof aiState>

export const readinessStepName = z.enum(['program', 'reach', 'key', 'model', 'schema', 'context'])
export type ReadinessStepName = z.infer<typeof readinessStepName>

/** One thing a model has to fulfil, and in words how it did. */
export const readinessStep = z.object({
  step: readinessStepName,
  state: z.enum(['ok', 'failed', 'skipped']),
  detail: z.string(),
  /** What to do about it. */
  fix: z.string().nullable(),
})
export type ReadinessStep = z.infer<typeof readinessStep>

/** Whether a model can be used, found out by trying. */
export const readiness = z
  .object({ isReady: z.boolean(), steps: z.array(readinessStep) })
  .meta({ id: 'AiReadiness' })
export type Readiness = z.infer<typeof readiness>

export const aiTest = z
  .object({
    model: z.string(),
    readiness,
    /** What the one call to the model cost; null when it came to none. */
    call: z
      .object({
        id: aiCallId,
        costNanoUsd: z.number(),
        isPriceKnown: z.boolean(),
        inputTokens: z.number(),
        outputTokens: z.number(),
        durationMs: z.number(),
      })
      .nullable(),
  })
  .meta({ id: 'AiTest' })
export type AiTest = z.infer<typeof aiTest>

/** Exactly what was sent to a model and what came back, as text. */
export const aiExchange = z
  .object({
    id: aiCallId,
    at: instant,
    endedAt: instant.nullable(),
    purpose: aiPurpose,
    driver: driverKind,
    model: z.string(),
    mode: z.enum(['direct', 'batch']),
    executionId: executionId.nullable(),
    nodeId: nodeId.nullable(),
    agentId: agentId.nullable(),
    /** The body of the request, byte by byte; keys are no part of it. */
    request: z.string(),
    /** Null while it is under way, and when nothing came. */
    answer: z.string().nullable(),
    /** `answer`, or why there is none. Null while it is under way. */
    outcome: z.string().nullable(),
  })
  .meta({ id: 'AiExchange' })
export type AiExchange = z.infer<typeof aiExchange>

export const aiApi = defineApi({
  ai: {
    get: {
      method: 'GET',
      path: '/ai',
      summary: 'Show how models are asked, without keys',
      permission: 'settings.read',
      reply: aiState,
    },
    setUp: {
      method: 'PUT',
      path: '/ai/setup',
      summary: 'Choose who is asked and how; a key is forgotten when its address changes',
      permission: 'ai.write',
      stepUp: true,
      body: aiSetup,
      reply: aiState,
    },
    setUpNode: {
      method: 'PUT',
      path: '/ai/nodes/:id',
      summary: 'Choose what of a node may go to a model',
      permission: 'ai.write',
      stepUp: true,
      params: z.object({ id: nodeId }),
      body: nodeAiSetup,
      reply: aiState,
      errors: ['node.not_found'],
    },
    putKey: {
      method: 'PUT',
      path: '/ai/keys/:driver',
      summary: 'Store the key for the address that is set up; it never comes out again',
      permission: 'ai.write',
      stepUp: true,
      params: z.object({ driver: keyedDriver }),
      body: z.strictObject({
        key: z
          .string()
          .trim()
          .min(1)
          .max(4_096)
          .regex(/^[\x21-\x7e]+$/, 'A key without blanks'),
      }),
      reply: aiState,
    },
    removeKey: {
      method: 'DELETE',
      path: '/ai/keys/:driver',
      summary: 'Forget a key',
      permission: 'ai.write',
      params: z.object({ driver: keyedDriver }),
      reply: aiState,
    },
    test: {
      method: 'POST',
      path: '/ai/test',
      summary: 'Try the model that is set up, step by step, with one small call that is paid like any other',
      permission: 'ai.write',
      body: z.strictObject({ depth: depth.default('cheap') }),
      reply: aiTest,
      errors: ['ai.off'],
    },
    exchange: {
      method: 'GET',
      path: '/ai/calls/:id/exchange',
      summary: 'Show exactly what was sent to a model and what came back',
      permission: 'ai.read',
      params: z.object({ id: aiCallId }),
      reply: aiExchange,
      errors: ['ai.call_not_found'],
    },
  },
})
