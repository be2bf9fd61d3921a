import type Anthropic from '@anthropic-ai/sdk'
import * as z from 'zod'
import type { ReadinessStep } from '../../../contract/ai.ts'
import type { Clock } from '../../lib/clock.ts'
import { isAppError } from '../../lib/errors.ts'
import type { Secret } from '../../lib/secret.ts'
import type {
  BatchEntry,
  BatchResult,
  Driver,
  DriverResult,
  ModelFetch,
  Prompt,
  RunOptions,
} from '../driver.ts'
import { readRoom } from '../room.ts'
import type { TokenUse } from '../to-pay.ts'
import { readAnswer } from './answer-text.ts'
import { toApiFailure } from './anthropic-failure.ts'
import { causesOf, toConnectionFailure } from './connection-failure.ts'

interface AnthropicTools {
  readonly fetch: ModelFetch
  readonly baseUrl: () => string
  readonly key: () => Promise<Secret | null>
  readonly clock: Clock
}

type Failed = Extract<DriverResult, { kind: 'failed' }>

/** Bytes per token, low enough that no text of ours has more tokens: measured are 2.2 to 3. */
const bytesPerToken = 1.5
/** For tool, roles and the grammar of the answer, tokens. */
const overheadTokens = 700
/** The tool that seems to have brought the data. It cannot be called: nothing answers it. */
const dataTool = 'read_facts'
/** Models that answer a wish for effort with 400. */
const withoutEffort = new Set(['claude-haiku-4-5', 'claude-sonnet-4-5'])

/**
 * Claude by its API, over the official SDK, which is only loaded when somebody asks. Never retries: an attempt is a call
 * that may be paid, and `ask` counts those. Untrusted text goes as the result of a tool, the place where Claude expects
 * what is not an instruction; no tool is offered.
 */
export function createAnthropicDriver({ fetch, baseUrl, key, clock }: AnthropicTools): Driver {
  const kind = 'anthropic'

  interface Line {
    readonly client: Anthropic
    readonly wasSent: () => boolean
  }

  async function connect(
    signal: AbortSignal,
    { keep, onRoom }: Pick<RunOptions, 'keep' | 'onRoom'> = {},
  ): Promise<Line | null> {
    const secret = await key()
    if (!secret) return null
    const { default: Client } = await import('@anthropic-ai/sdk')
    let wasSent = false
    const client = new Client({
      apiKey: secret.reveal(),
      // Whatever lies in the environment of this server is not ours to use.
      authToken: null,
      baseURL: baseUrl(),
      maxRetries: 0,
      timeout: 10 * 60_000,
      logLevel: 'off',
      fetch: async (input, init) => {
        const body = typeof init?.body === 'string' ? init.body : null
        if (body !== null) await keep?.sent(body)
        signal.throwIfAborted()
        wasSent = true
        const { method, headers } = init ?? {}
        const reply = await fetch(input instanceof Request ? input.url : input, {
          ...(method && { method }),
          ...(headers && { headers }),
          body,
          signal,
        })
        onRoom?.(readRoom(reply.headers))
        if (keep) keep.received(await reply.clone().text())
        return reply
      },
    })
    return { client, wasSent: () => wasSent }
  }

  async function run(prompt: Prompt, options: RunOptions): Promise<DriverResult> {
    const { signal } = options
    const line = await connect(signal, options)
    if (!line) return noKey
    try {
      const { data, request_id } = await line.client.messages
        .create({ ...(await toParams(prompt, options)), stream: false }, { signal })
        .withResponse()
      return toResult(data, request_id ?? null)
    } catch (error) {
      return toFailure(error, signal, line.wasSent())
    }
  }

  async function toFailure(error: unknown, signal: AbortSignal, wasSent: boolean): Promise<DriverResult> {
    const { APIError, APIConnectionError, APIUserAbortError } = await import('@anthropic-ai/sdk')
    const isAnswered =
      error instanceof APIError &&
      !(error instanceof APIConnectionError) &&
      !(error instanceof APIUserAbortError) &&
      error.status !== undefined
    if (isAnswered) return toApiFailure(error, clock.now())
    if (causesOf(error).some((one) => one instanceof SyntaxError)) return notReadable
    if (causesOf(error).some((one) => isAppError(one) && one.code.endsWith('answer_too_large')))
      return { ...notReadable, detail: 'The answer is far too long.' }
    return toConnectionFailure(error, { wasSent, signal })
  }

  /** The model as the API describes it: whether it is reached, takes the key, and knows the model. */
  async function check(model: string, signal: AbortSignal): Promise<ReadinessStep[]> {
    const line = await connect(signal)
    if (!line)
      return [step('key', 'failed', 'No key is stored for this address.', 'Enter a key and save it.')]
    try {
      const found = await line.client.models.retrieve(model, {}, { signal })
      return [
        step('reach', 'ok', `${baseUrl()} answers.`),
        step('key', 'ok', 'The key is good.'),
        modelStep(found),
      ]
    } catch (error) {
      const failure = await toFailure(error, signal, line.wasSent())
      return failure.kind === 'failed' ? toSteps(failure, model, baseUrl()) : [unlike(baseUrl())]
    }
  }

  async function submitBatch(entries: readonly BatchEntry[], options: Omit<RunOptions, 'keep'>) {
    const { signal } = options
    const line = await connect(signal)
    if (!line) return noKey
    try {
      const requests = await Promise.all(
        entries.map(async ({ id, prompt }) => ({ custom_id: id, params: await toParams(prompt, options) })),
      )
      const { id } = await line.client.messages.batches.create({ requests }, { signal })
      return { kind: 'submitted', batchId: id } as const
    } catch (error) {
      const failure = await toFailure(error, signal, line.wasSent())
      return failure.kind === 'failed' ? failure : { ...unknownFailure, detail: 'The answer cannot be read.' }
    }
  }

  async function pollBatch(batchId: string, signal: AbortSignal): Promise<'working' | 'ended' | 'gone'> {
    const { client } = await need(signal)
    const { NotFoundError } = await import('@anthropic-ai/sdk')
    try {
      const batch = await client.messages.batches.retrieve(batchId, {}, { signal })
      return batch.processing_status === 'ended' ? 'ended' : 'working'
    } catch (error) {
      if (error instanceof NotFoundError) return 'gone'
      throw error
    }
  }

  async function fetchBatch(batchId: string, signal: AbortSignal): Promise<ReadonlyMap<string, BatchResult>> {
    const { client } = await need(signal)
    const results = new Map<string, BatchResult>()
    for await (const { custom_id, result } of await client.messages.batches.results(
      batchId,
      {},
      { signal },
    )) {
      results.set(custom_id, toBatchResult(result))
    }
    return results
  }

  async function cancelBatch(batchId: string, signal: AbortSignal): Promise<void> {
    const { client } = await need(signal)
    await client.messages.batches.cancel(batchId, {}, { signal })
  }

  async function need(signal: AbortSignal): Promise<Line> {
    const line = await connect(signal)
    if (!line) throw new Error('there is no key')
    return line
  }

  const inputBound = (prompt: Prompt): number =>
    overheadTokens + Math.ceil(Buffer.byteLength(JSON.stringify(prompt)) / bytesPerToken)

  return { kind, mayRepair: false, inputBound, run, check, submitBatch, pollBatch, fetchBatch, cancelBatch }
}

/** The request as it is sent. Neither temperature nor top_p: this version of the API refuses both. */
async function toParams(
  { system, untrusted, question, schema, maxOutput }: Prompt,
  { model, effort, cachesPrefix = false }: Pick<RunOptions, 'model' | 'effort' | 'cachesPrefix'>,
): Promise<Anthropic.MessageCreateParamsNonStreaming> {
  const { transformJSONSchema } = await import('@anthropic-ai/sdk/lib/transform-json-schema')
  return {
    model,
    max_tokens: maxOutput,
    system: [
      { type: 'text', text: system, ...(cachesPrefix && { cache_control: { type: 'ephemeral' as const } }) },
    ],
    tools: [
      {
        name: dataTool,
        description: 'Reads facts that were collected on a machine.',
        input_schema: { type: 'object', properties: {}, additionalProperties: false },
      },
    ],
    tool_choice: { type: 'none' },
    messages: [
      { role: 'user', content: 'Read the facts first.' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_facts', name: dataTool, input: {} }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_facts', content: JSON.stringify(untrusted) },
          { type: 'text', text: question },
        ],
      },
    ],
    output_config: {
      format: { type: 'json_schema', schema: transformJSONSchema(schema) as Record<string, unknown> },
      ...(!withoutEffort.has(model) && { effort }),
    },
  }
}

const tokens = z.number().int().min(0).max(1e9)
/** What is read of a message. Whatever else it says is not looked at. */
const message = z.object({
  model: z.string().max(200),
  stop_reason: z.string().max(60).nullable(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).max(1_000),
  usage: z.object({
    input_tokens: tokens,
    output_tokens: tokens,
    cache_creation_input_tokens: tokens.nullish(),
    cache_read_input_tokens: tokens.nullish(),
    cache_creation: z
      .object({ ephemeral_5m_input_tokens: tokens, ephemeral_1h_input_tokens: tokens })
      .nullish(),
    output_tokens_details: z.object({ thinking_tokens: tokens }).nullish(),
  }),
})

/** What a message means, and what it costs. */
function toResult(data: unknown, requestId: string | null): DriverResult {
  const parsed = message.safeParse(data)
  if (!parsed.success) return { ...notReadable, requestId }
  const { model, content, stop_reason: stopReason } = parsed.data
  const use = toUse(parsed.data.usage)
  const facts = { use, requestId, stopReason }
  switch (stopReason) {
    case 'refusal':
      // A refusal before the first word is not billed, whatever its counts say.
      return {
        kind: 'refused',
        ...facts,
        use: use.output === 0 ? nothingUsed : use,
        detail: 'The model declined to answer.',
      }
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return { kind: 'cut-off', ...facts, detail: 'The answer was longer than allowed.' }
    case 'end_turn':
    case 'stop_sequence': {
      const text = content
        .flatMap((block) => (block.type === 'text' && block.text ? [block.text] : []))
        .join('')
      const json = readAnswer(text)
      return json
        ? { kind: 'answer', json, use, requestId, stopReason, model }
        : { kind: 'malformed', ...facts, detail: 'The answer is no JSON object.' }
    }
    default:
      return {
        kind: 'malformed',
        ...facts,
        detail: 'The model stopped for another reason than that it was done.',
      }
  }
}

function toUse(usage: z.infer<typeof message>['usage']): TokenUse {
  const written = usage.cache_creation_input_tokens ?? 0
  const cacheWrite1h = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0
  return {
    input: usage.input_tokens,
    // Without a split, everything was written for five minutes: that is all we ask for.
    cacheWrite5m: usage.cache_creation?.ephemeral_5m_input_tokens ?? written - cacheWrite1h,
    cacheWrite1h,
    cacheRead: usage.cache_read_input_tokens ?? 0,
    output: usage.output_tokens,
    thinking: usage.output_tokens_details?.thinking_tokens ?? 0,
  }
}

function toBatchResult(result: Anthropic.Messages.MessageBatchResult): BatchResult {
  switch (result.type) {
    case 'succeeded':
      return toResult(result.message, null)
    case 'errored':
      return { ...unknownFailure, reason: 'bad-request', wasBilled: 'no', detail: 'It was not taken.' }
    case 'expired':
      return { kind: 'expired' }
    case 'canceled':
      return { kind: 'cancelled' }
  }
}

const nothingUsed: TokenUse = {
  input: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  cacheRead: 0,
  output: 0,
  thinking: 0,
}

const unknownFailure: Failed = {
  kind: 'failed',
  reason: 'offline',
  wasBilled: 'unknown',
  retryAfterMs: null,
  detail: '',
}
const noKey: Failed = {
  kind: 'failed',
  reason: 'wrong-key',
  wasBilled: 'no',
  retryAfterMs: null,
  detail: 'No key is stored for this address.',
}
const notReadable = {
  kind: 'malformed',
  use: null,
  requestId: null,
  stopReason: null,
  detail: 'The answer cannot be read.',
} as const

const step = (
  name: ReadinessStep['step'],
  state: ReadinessStep['state'],
  detail: string,
  fix: string | null = null,
): ReadinessStep => ({ step: name, state, detail, fix })

const unlike = (address: string): ReadinessStep =>
  step('reach', 'failed', `${address} answers, but not like Anthropic's API.`, 'Check the address.')

function modelStep({ id, lifecycle, retires_at }: Anthropic.ModelInfo): ReadinessStep {
  if (lifecycle === 'retired')
    return step('model', 'failed', `${id} is no longer served.`, 'Choose a newer model.')
  if (lifecycle === 'deprecated') {
    const until = retires_at ? ` until ${retires_at.slice(0, 10)}` : ''
    return step('model', 'ok', `${id} is there, but only${until}.`, 'Choose a newer model before that.')
  }
  return step('model', 'ok', `${id} is there.`)
}

function toSteps({ reason, detail }: Failed, model: string, address: string): ReadinessStep[] {
  const reached = step('reach', 'ok', `${address} answers.`)
  switch (reason) {
    case 'wrong-key':
      return [reached, step('key', 'failed', detail, 'Make a key at platform.claude.com and enter it here.')]
    case 'no-such-model':
      return [
        reached,
        step('key', 'ok', 'The key is good.'),
        step('model', 'failed', `There is no model ${model}.`, 'Check the name of the model.'),
      ]
    case 'offline':
    case 'timed-out':
    case 'aborted':
      return [
        step(
          'reach',
          'failed',
          detail,
          'Check the address, the network of this server, and Settings, Outgoing requests.',
        ),
      ]
    default:
      return [reached, step('key', 'failed', detail, 'Look at the account at platform.claude.com.')]
  }
}
