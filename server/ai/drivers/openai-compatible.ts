import * as z from 'zod'
import type { ReadinessStep } from '../../../contract/ai.ts'
import type { Clock } from '../../lib/clock.ts'
import { isAppError } from '../../lib/errors.ts'
import type { Secret } from '../../lib/secret.ts'
import type { Driver, DriverResult, FailureReason, ModelFetch, Prompt, RunOptions } from '../driver.ts'
import type { TokenUse } from '../to-pay.ts'
import { readAnswer } from './answer-text.ts'
import { causesOf, toConnectionFailure } from './connection-failure.ts'
import { withFencedData } from './fence.ts'
import { readRetryAfter } from './retry-after.ts'

interface LocalTools {
  readonly fetch: ModelFetch
  readonly baseUrl: () => string
  readonly key: () => Promise<Secret | null>
  readonly contextTokens: () => number
  readonly clock: Clock
}

type Failed = Extract<DriverResult, { kind: 'failed' }>

/** A text like ours has at most one token for so many bytes, and at least one for so many characters. */
const fewestBytesPerToken = 1.5
const likelyBytesPerToken = 3
const mostCharsPerToken = 5
/** Below this an explanation is cut off in any case, tokens. */
const leastOutput = 512

/**
 * A local model by the API that Ollama, llama.cpp, vLLM and LM Studio share. The schema is enforced by the server and
 * shown to the model as well: the server does not show it. A prompt of which the server dropped a part is noticed by
 * what it counted.
 */
export function createOpenAiCompatibleDriver(tools: LocalTools): Driver {
  const { fetch, baseUrl, key, contextTokens, clock } = tools

  async function call(path: string, signal: AbortSignal, body: string | null): Promise<Response> {
    const secret = await key()
    return fetch(`${baseUrl()}/v1/${path}`, {
      method: body === null ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(body !== null && { 'content-type': 'application/json' }),
        ...(secret && { authorization: `Bearer ${secret.reveal()}` }),
      },
      body,
      signal,
    })
  }

  async function run(prompt: Prompt, { model, signal, keep }: RunOptions): Promise<DriverResult> {
    const messages = toMessages(prompt)
    const size = messages.map(({ content }) => content).join('')
    const room = contextTokens() - Math.ceil(Buffer.byteLength(size) / likelyBytesPerToken)
    if (room < leastOutput) return tooLarge(contextTokens())
    const body = JSON.stringify({
      model,
      messages,
      max_tokens: Math.min(prompt.maxOutput, room),
      stream: false,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', strict: true, schema: prompt.schema },
      },
    })
    let wasSent = false
    try {
      await keep?.sent(body)
      signal.throwIfAborted()
      wasSent = true
      const reply = await call('chat/completions', signal, body)
      const text = await reply.text()
      keep?.received(text)
      return reply.ok ? toResult(text, size.length) : toRefusal(reply, clock.now())
    } catch (error) {
      if (causesOf(error).some((one) => isAppError(one) && one.code.endsWith('answer_too_large')))
        return { ...notReadable, detail: 'The answer is far too long.' }
      return toConnectionFailure(error, { wasSent, signal })
    }
  }

  async function check(model: string, signal: AbortSignal): Promise<ReadinessStep[]> {
    try {
      const reply = await call('models', signal, null)
      if (!reply.ok) {
        const { reason, detail } = toRefusal(reply, clock.now())
        return reason === 'wrong-key'
          ? [reached(baseUrl()), step('key', 'failed', detail, 'Enter the key that this server wants.')]
          : [step('reach', 'failed', detail, likeOpenAi)]
      }
      const listed = models.safeParse(toJson(await reply.text()))
      if (!listed.success)
        return [step('reach', 'failed', `${baseUrl()} answers, but not like a model server.`, likeOpenAi)]
      const names = listed.data.data.map(({ id }) => id)
      return [reached(baseUrl()), modelStep(model, names)]
    } catch (error) {
      const { detail } = toConnectionFailure(error, { wasSent: true, signal })
      return [
        step(
          'reach',
          'failed',
          detail,
          'Check that it runs and listens on this address; one on this machine or a special port has to be named under Settings, Outgoing requests.',
        ),
      ]
    }
  }

  const inputBound = (prompt: Prompt): number =>
    64 + Math.ceil(Buffer.byteLength(JSON.stringify(toMessages(prompt))) / fewestBytesPerToken)

  return { kind: 'openai-compatible', mayRepair: true, inputBound, run, check }
}

const likeOpenAi = 'Give the address of an OpenAI-compatible server, without /chat/completions.'

/** System and user, as short as can be. */
function toMessages(prompt: Prompt) {
  const shape = `Answer with one JSON object that fits this schema, and with nothing else:\n${JSON.stringify(prompt.schema)}`
  return [
    { role: 'system', content: `${prompt.system}\n\n${shape}` },
    { role: 'user', content: withFencedData(prompt) },
  ]
}

const tokens = z.number().int().min(0).max(1e9)
const completion = z.object({
  model: z.string().max(200).catch(''),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().max(60).nullish(),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }).nullish().catch(null),
})
const models = z.object({ data: z.array(z.object({ id: z.string() })).max(10_000) })

function toResult(text: string, promptChars: number): DriverResult {
  const parsed = completion.safeParse(toJson(text))
  if (!parsed.success) return notReadable
  const { model, choices, usage } = parsed.data
  const { finish_reason, message } = choices[0] as (typeof choices)[number]
  const use: TokenUse = {
    input: usage?.prompt_tokens ?? 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    cacheRead: 0,
    output: usage?.completion_tokens ?? 0,
    thinking: 0,
  }
  const facts = { use, requestId: null, stopReason: finish_reason ?? null }
  const counted = usage?.prompt_tokens ?? 0
  // Some count nothing; those cannot be caught.
  if (counted > 0 && counted < promptChars / mostCharsPerToken) {
    return {
      kind: 'cut-off',
      ...facts,
      detail: `The model saw only ${counted} tokens of the question: its context is too small.`,
    }
  }
  if (message.refusal) return { kind: 'refused', ...facts, detail: 'The model declined to answer.' }
  if (finish_reason === 'length')
    return { kind: 'cut-off', ...facts, detail: 'The answer was longer than allowed.' }
  const json = readAnswer(message.content ?? '')
  return json
    ? { kind: 'answer', json, use, requestId: null, stopReason: finish_reason ?? 'stop', model }
    : { kind: 'malformed', ...facts, detail: 'The answer is no JSON object.' }
}

const notReadable = {
  kind: 'malformed',
  use: null,
  requestId: null,
  stopReason: null,
  detail: 'The answer cannot be read.',
} as const

function toRefusal({ status, headers }: Response, now: Date): Failed {
  const [reason, detail] = meaningOf(status)
  return {
    kind: 'failed',
    reason,
    wasBilled: 'no',
    retryAfterMs: readRetryAfter(headers, now),
    detail: `${detail} (${status}).`,
  }
}

function meaningOf(status: number): [FailureReason, string] {
  if (status === 401 || status === 403) return ['wrong-key', 'The model server wants another key']
  if (status === 402) return ['out-of-credit', 'The model server wants to be paid first']
  if (status === 404) return ['no-such-model', 'The model server does not know the model or the address']
  if (status === 429) return ['rate-limited', 'The model server wants fewer requests for a while']
  if (status >= 500) return ['overloaded', 'The model server has too much to do or is out of order']
  return ['bad-request', 'The model server does not accept the request']
}

const tooLarge = (context: number): Failed => ({
  kind: 'failed',
  reason: 'bad-request',
  wasBilled: 'no',
  retryAfterMs: null,
  detail: `The question does not fit into the ${context} tokens that are set up as the context of the model.`,
})

const step = (
  name: ReadinessStep['step'],
  state: ReadinessStep['state'],
  detail: string,
  fix: string | null = null,
): ReadinessStep => ({ step: name, state, detail, fix })

const reached = (address: string) => step('reach', 'ok', `${address} answers.`)

/** Ollama lists `llama3.2:latest` for what everybody calls `llama3.2`. */
function modelStep(model: string, names: readonly string[]): ReadinessStep {
  if (names.includes(model) || names.includes(`${model}:latest`))
    return step('model', 'ok', `${model} is there.`)
  return step(
    'model',
    'failed',
    `${model} is not among the ${names.length} models of this server.`,
    `Load it first, e.g. with \`ollama pull ${model}\`, or choose one that is there.`,
  )
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
