import type Anthropic from '@anthropic-ai/sdk'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a request asked, as the provider reads it. */
export interface ModelRequest {
  readonly model: string
  readonly system: string
  readonly untrusted: Record<string, unknown>
  readonly question: string
  readonly schema: Record<string, unknown>
  /** The body byte by byte. */
  readonly text: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** How the next request is answered instead of with a good answer. */
export type Script =
  | {
      readonly status: number
      readonly type: string
      readonly code?: string
      readonly message?: string
      readonly headers?: Readonly<Record<string, string>>
    }
  /** A message with this text or this reason to stop. */
  | { readonly says?: string; readonly stopReason?: Anthropic.StopReason; readonly output?: number }
  /** A reply of 200 that is no message. */
  | { readonly body: string }
  /** Never answers. */
  | { readonly hangs: true }
  /** Breaks off in the middle of the answer. */
  | { readonly cut: true }

export interface ModelProviderOptions {
  readonly port?: number
  /** What a model would say; null for the smallest answer that fits the schema. */
  readonly answer?: (asked: ModelRequest) => unknown
  readonly now?: () => number
}

/** Shorter prefixes are not cached, tokens; as for every model of today. */
const leastCachedTokens = 512
const charsPerToken = 2.4
const knownModels = ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5']
export const goodKey = 'sk-ant-stand-in-key'

type Body = Anthropic.MessageCreateParamsNonStreaming

type Said = Extract<Script, { says?: string }>

export interface StandInBatch {
  readonly id: string
  readonly requests: readonly { readonly custom_id: string; readonly params: Body }[]
  readonly createdAt: number
  status: Anthropic.Messages.MessageBatch['processing_status']
  /** What becomes of single requests, by their custom id; the others succeed. */
  outcomes: Readonly<Record<string, 'errored' | 'expired' | 'canceled'>>
}

/**
 * A program that plays Anthropic's API: it counts what it would cache, sends the headers of rate limits, knows batches
 * that end out of order, and refuses what the real one refuses. It says nothing clever. Every reply is typed by the SDK.
 */
export async function startModelProvider({
  port = 0,
  answer = () => null,
  now = Date.now,
}: ModelProviderOptions = {}) {
  const requests: ModelRequest[] = []
  const scripts: Script[] = []
  const cache = new Map<string, { expiresAt: number; ttlMs: number; tokens: number }>()
  const batches = new Map<string, StandInBatch>()
  let respond = answer
  let limits: Readonly<Record<string, string>> = {}

  const server = createServer((request, reply) => {
    void handle(request, reply).catch((error: unknown) => {
      reply.destroy(error instanceof Error ? error : undefined)
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function handle(request: IncomingMessage, reply: ServerResponse): Promise<unknown> {
    const path = new URL(request.url ?? '/', url).pathname
    const text = await readAll(request)
    // The SDK sends a key as a bearer; the API takes both.
    const key = request.headers['x-api-key'] ?? request.headers.authorization
    if (typeof key !== 'string' || key.includes('wrong')) {
      return sendError(reply, 401, 'authentication_error', 'invalid x-api-key')
    }
    if (request.headers['anthropic-version'] === undefined) {
      return sendError(reply, 400, 'invalid_request_error', 'anthropic-version: header is required')
    }
    const route = `${request.method} ${path}`
    if (route === 'POST /v1/messages') return messages(text, request, reply)
    if (route === 'POST /v1/messages/count_tokens') {
      const body = JSON.parse(text) as Body
      return send(reply, 200, { input_tokens: tokensOf(body) } satisfies Omit<
        Anthropic.MessageTokensCount,
        'context_management'
      >)
    }
    const [, model] = /^GET \/v1\/models\/([\w.:-]+)$/.exec(route) ?? []
    if (model !== undefined) {
      return knownModels.includes(model)
        ? send(reply, 200, toModel(model))
        : sendError(reply, 404, 'not_found_error', `model: ${model}`)
    }
    if (path.startsWith('/v1/messages/batches')) return handleBatches(route, text, reply)
    return sendError(reply, 404, 'not_found_error', 'Not found')
  }

  function messages(text: string, request: IncomingMessage, reply: ServerResponse): unknown {
    const body = JSON.parse(text) as Body
    requests.push(toRequest(body, text, request.headers))
    const script = scripts.shift()
    if (script && 'hangs' in script) return undefined
    if (script && 'cut' in script) {
      reply.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' })
      reply.write('{"id":"msg_cut","type":"message","content":[{"type":"te')
      setTimeout(() => reply.destroy(), 20)
      return undefined
    }
    if (script && 'body' in script) {
      reply.writeHead(200, { 'content-type': 'application/json' })
      return reply.end(script.body)
    }
    if (script && 'status' in script) {
      return sendError(reply, script.status, script.type, script.message ?? 'scripted', {
        ...(script.code && { code: script.code }),
        ...(script.headers && { headers: script.headers }),
      })
    }
    const wrong = whatIsWrong(body)
    if (wrong) return sendError(reply, wrong.status, wrong.type, wrong.message)
    return send(reply, 200, toMessage(body, text, script), { ...rateLimits(), ...limits })
  }

  function toMessage(body: Body, text: string, { says, stopReason = 'end_turn', output }: Said = {}) {
    const said = says ?? JSON.stringify(respond(toRequest(body, text, {})) ?? sampleOf(schemaOf(body)))
    return {
      id: `msg_${randomUUID().replaceAll('-', '')}`,
      type: 'message',
      role: 'assistant',
      model: body.model,
      content:
        stopReason === 'refusal' && says === undefined ? [] : [{ type: 'text', text: said, citations: null }],
      stop_reason: stopReason,
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: usageOf(body, output ?? (stopReason === 'refusal' ? 0 : Math.ceil(said.length / charsPerToken))),
    } satisfies Anthropic.Message
  }

  function usageOf(body: Body, output: number) {
    const cached = lookUp(body)
    return {
      input_tokens: tokensOf(body) - cached.read - cached.write5m - cached.write1h,
      cache_read_input_tokens: cached.read,
      cache_creation_input_tokens: cached.write5m + cached.write1h,
      cache_creation: {
        ephemeral_5m_input_tokens: cached.write5m,
        ephemeral_1h_input_tokens: cached.write1h,
      },
      output_tokens: output,
      output_tokens_details: { thinking_tokens: Math.floor(output / 4) },
      server_tool_use: null,
      service_tier: 'standard',
      inference_geo: null,
      speed: null,
    } satisfies Partial<Record<keyof Anthropic.Usage, unknown>> as unknown as Anthropic.Usage
  }

  /** Reads and writes the prompt cache as the real one does: below the least size silently nothing. */
  function lookUp(body: Body) {
    const none = { read: 0, write5m: 0, write1h: 0 }
    const blocks = typeof body.system === 'string' ? [] : (body.system ?? [])
    const last = blocks.findLastIndex((block) => block.cache_control)
    const control = blocks[last]?.cache_control
    if (!control) return none
    const prefix = JSON.stringify([body.model, body.tools, blocks.slice(0, last + 1)])
    const size = Math.ceil(prefix.length / charsPerToken)
    if (size < leastCachedTokens) return none
    const name = createHash('sha256').update(prefix).digest('hex')
    const known = cache.get(name)
    const ttlMs = control.ttl === '1h' ? 3_600_000 : 300_000
    cache.set(name, { expiresAt: now() + (known?.ttlMs ?? ttlMs), ttlMs, tokens: size })
    if (known && known.expiresAt > now()) return { ...none, read: known.tokens }
    return ttlMs === 300_000 ? { ...none, write5m: size } : { ...none, write1h: size }
  }

  function handleBatches(route: string, text: string, reply: ServerResponse): unknown {
    if (route === 'POST /v1/messages/batches') {
      const { requests: wanted } = JSON.parse(text) as Pick<StandInBatch, 'requests'>
      for (const { params } of wanted) requests.push(toRequest(params, JSON.stringify(params), {}))
      const script = scripts.shift()
      if (script && 'status' in script) {
        return sendError(reply, script.status, script.type, script.message ?? 'scripted')
      }
      const batch: StandInBatch = {
        id: `msgbatch_${randomUUID().replaceAll('-', '')}`,
        requests: wanted,
        createdAt: now(),
        status: 'in_progress',
        outcomes: {},
      }
      batches.set(batch.id, batch)
      return send(reply, 200, toBatch(batch))
    }
    const [, id = '', action] = /\/batches\/(\w+)(?:\/(\w+))?$/.exec(route) ?? []
    const batch = batches.get(id)
    if (!batch) return sendError(reply, 404, 'not_found_error', 'Not found')
    if (action === 'cancel') {
      batch.status = batch.status === 'ended' ? 'ended' : 'canceling'
      return send(reply, 200, toBatch(batch))
    }
    if (action !== 'results') return send(reply, 200, toBatch(batch))
    if (batch.status !== 'ended') return sendError(reply, 400, 'invalid_request_error', 'not ended')
    // The other way round: nobody may rely on the order.
    const lines = batch.requests.toReversed().map(({ custom_id, params }) => ({
      custom_id,
      result: toBatchResult(params, batch.outcomes[custom_id]),
    })) satisfies Anthropic.Messages.MessageBatchIndividualResponse[]
    reply.writeHead(200, { 'content-type': 'application/x-jsonl' })
    return reply.end(lines.map((line) => JSON.stringify(line)).join('\n'))
  }

  function toBatchResult(
    params: Body,
    outcome: 'errored' | 'expired' | 'canceled' | undefined,
  ): Anthropic.Messages.MessageBatchResult {
    switch (outcome) {
      case undefined:
        return { type: 'succeeded', message: toMessage(params, JSON.stringify(params)) }
      case 'errored':
        return {
          type: 'errored',
          error: {
            type: 'error',
            request_id: null,
            error: { type: 'invalid_request_error', message: 'scripted' },
          },
        }
      case 'expired':
      case 'canceled':
        return { type: outcome }
    }
  }

  const toBatch = ({ id, requests: wanted, createdAt, status }: StandInBatch) =>
    ({
      id,
      type: 'message_batch',
      processing_status: status,
      created_at: new Date(createdAt).toISOString(),
      expires_at: new Date(createdAt + 86_400_000).toISOString(),
      ended_at: status === 'ended' ? new Date(now()).toISOString() : null,
      cancel_initiated_at: null,
      archived_at: null,
      results_url: status === 'ended' ? `${url}/v1/messages/batches/${id}/results` : null,
      request_counts: { processing: wanted.length, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    }) satisfies Anthropic.Messages.MessageBatch

  return {
    url,
    /** Everything that was asked, oldest first. */
    requests,
    batches,
    /** Answers the next requests in these ways, one each. */
    script: (...next: Script[]) => void scripts.push(...next),
    /** From now on, a good answer is this. */
    answerWith: (next: (asked: ModelRequest) => unknown) => {
      respond = next
    },
    /** From now on, replies say that so many requests are left until then. */
    limitRequests: (remaining: number, resetsAt: Date) => {
      limits = {
        'anthropic-ratelimit-requests-remaining': String(remaining),
        'anthropic-ratelimit-requests-reset': resetsAt.toISOString(),
      }
    },
    /** Ends a batch; single requests may come to another end than success. */
    endBatch(id: string, outcomes: StandInBatch['outcomes'] = {}): void {
      const batch = batches.get(id)
      if (!batch) throw new Error(`there is no batch ${id}`)
      batch.status = 'ended'
      batch.outcomes = outcomes
    },
    stop: async (): Promise<void> => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
export type ModelProvider = Awaited<ReturnType<typeof startModelProvider>>

/** What the real one answers 400 or 404 to. */
function whatIsWrong(body: Partial<Body>) {
  const invalid = (message: string) => ({ status: 400, type: 'invalid_request_error', message })
  if (typeof body.max_tokens !== 'number') return invalid('max_tokens: Field required')
  if (!Array.isArray(body.messages) || body.messages.length === 0) return invalid('messages: Field required')
  const gone = ['temperature', 'top_p', 'top_k'].find((name) => name in body)
  if (gone) return invalid(`${gone}: Extra inputs are not permitted`)
  if (body.messages.at(-1)?.role !== 'user') return invalid('messages: prefill is not supported')
  if (body.tool_choice?.type === 'any' || body.tool_choice?.type === 'tool') {
    return invalid('tool_choice: forced tools are not supported')
  }
  const usesTools = body.messages.some(
    ({ content }) => Array.isArray(content) && content.some(({ type }) => type === 'tool_use'),
  )
  if (usesTools && !body.tools?.length) return invalid('tools: Field required')
  const schema = body.output_config?.format?.schema
  if (schema && JSON.stringify(schema).match(/"(?:minLength|maxLength|pattern|minimum|maximum)":/)) {
    return invalid('output_config.format.schema: keyword is not supported')
  }
  if (!knownModels.includes(String(body.model))) {
    return { status: 404, type: 'not_found_error', message: `model: ${String(body.model)}` }
  }
  return null
}

const tokensOf = ({ system, tools, messages }: Body): number =>
  Math.ceil(JSON.stringify([system, tools, messages]).length / charsPerToken)

const schemaOf = (body: Body): Record<string, unknown> => body.output_config?.format?.schema ?? {}

function toRequest(body: Body, text: string, headers: ModelRequest['headers']): ModelRequest {
  const blocks = body.messages.flatMap(({ content }) => (Array.isArray(content) ? content : []))
  const data = blocks.flatMap((block) =>
    block.type === 'tool_result' && typeof block.content === 'string' ? [block.content] : [],
  )
  const said = blocks.flatMap((block) => (block.type === 'text' ? [block.text] : []))
  const system =
    typeof body.system === 'string' ? body.system : (body.system ?? []).map((one) => one.text).join('\n')
  return {
    model: body.model,
    system,
    untrusted: JSON.parse(data[0] ?? '{}') as Record<string, unknown>,
    question: said.join('\n'),
    schema: schemaOf(body),
    text,
    headers,
  }
}

/** The smallest value that fits a schema. */
export function sampleOf(schema: Record<string, unknown>): unknown {
  const one = schema as {
    type?: string
    enum?: unknown[]
    const?: unknown
    anyOf?: Record<string, unknown>[]
    properties?: Record<string, Record<string, unknown>>
    required?: string[]
  }
  if (one.const !== undefined) return one.const
  if (one.enum) return one.enum[0]
  if (one.anyOf?.[0]) return sampleOf(one.anyOf[0])
  switch (one.type) {
    case 'object':
      return Object.fromEntries(
        (one.required ?? Object.keys(one.properties ?? {})).map((name) => [
          name,
          sampleOf(one.properties?.[name] ?? {}),
        ]),
      )
    case 'array':
      return []
    case 'number':
    case 'integer':
      return 0
    case 'boolean':
      return false
    case 'null':
      return null
    default:
      return 'stand-in'
  }
}

/** The answer to the question of the test under Settings, AI; null to every other. */
export function answerToTest({ untrusted }: Pick<ModelRequest, 'untrusted'>): unknown {
  const { disks } = untrusted as { disks?: { mount: string; usedPercent: number }[] }
  const [fullest] = disks?.toSorted((a, b) => b.usedPercent - a.usedPercent) ?? []
  return fullest ? { mount: fullest.mount, usedPercent: fullest.usedPercent } : null
}

interface SentFinding {
  readonly id: string
  readonly title: string
  readonly severity: string
}

/**
 * Answers as a modest model would that has only read the titles: to the test under Settings, to reports, and to
 * questions. What it says holds against the run, because it says nothing that does not stand there.
 */
export function answerFromTitles(asked: ModelRequest): unknown {
  const test = answerToTest(asked)
  if (test !== null) return test
  const findings = (asked.untrusted.findings ?? []) as readonly SentFinding[]
  const claims = findings.map(({ id, title }) => ({ text: title, evidence: [id], quotes: [] }))
  if ('question' in asked.untrusted) return { claims: claims.slice(0, 2) }
  const [verdict = { text: 'Nothing stands out.', evidence: [], quotes: [] }] = claims
  return {
    verdict,
    happened: claims.slice(1, 4),
    look_at: claims.slice(0, 1),
    suggestions: findings.slice(0, 2).map(({ id, title }) => ({
      finding: id,
      text: `Look at this first: ${title}`,
      evidence: [id],
      quotes: [],
    })),
  }
}

const toModel = (id: string) => ({
  id,
  type: 'model',
  display_name: `${id} (stand-in)`,
  created_at: '2026-10-01T00:00:00Z',
  lifecycle: 'active',
  line: null,
  deprecated_at: null,
  retires_at: null,
  capabilities: null,
  max_input_tokens: 200_000,
  max_tokens: 64_000,
})

const rateLimits = (): Record<string, string> => ({
  'anthropic-ratelimit-requests-limit': '1000',
  'anthropic-ratelimit-requests-remaining': '999',
  'anthropic-ratelimit-requests-reset': new Date().toISOString(),
  'anthropic-ratelimit-input-tokens-limit': '2000000',
  'anthropic-ratelimit-input-tokens-remaining': '1990000',
})

function send(
  reply: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  reply.writeHead(status, {
    'content-type': 'application/json',
    'request-id': `req_${randomUUID().slice(0, 8)}`,
    ...headers,
  })
  reply.end(JSON.stringify(body))
}

function sendError(
  reply: ServerResponse,
  status: number,
  type: string,
  message: string,
  { code, headers = {} }: { code?: string; headers?: Readonly<Record<string, string>> } = {},
): void {
  const details = code ? { error_code: code } : null
  send(
    reply,
    status,
    { type: 'error', error: { type, message, details }, request_id: 'req_stand_in' },
    headers,
  )
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
