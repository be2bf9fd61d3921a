import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import type { ReadinessStep } from '../../../contract/ai.ts'
import type { Driver, DriverResult, Prompt, RunOptions } from '../driver.ts'
import { readAnswer } from './answer-text.ts'
import { toConnectionFailure } from './connection-failure.ts'
import { withFencedData } from './fence.ts'

interface ClaudeCodeTools {
  /** The unmodified program of the user, by name or path. */
  readonly program: string
  /** The environment of this server, of which very little is handed on. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Longest output that is read, bytes. */
const maxBytes = 1_000_000
/** After the polite signal, milliseconds. */
const graceMs = 2_000

/**
 * The Claude Code that somebody installed and signed in to by themselves. It is started as it is, in an empty folder,
 * without tools, settings or MCP servers, and with an environment that holds no key. Its sign-in is its own affair: this
 * server neither asks for it nor sees it.
 */
export function createClaudeCodeDriver({ program, env }: ClaudeCodeTools): Driver {
  async function run(prompt: Prompt, { model, signal, keep }: RunOptions): Promise<DriverResult> {
    const input = withFencedData(prompt)
    await keep?.sent(JSON.stringify({ model, system: prompt.system, schema: prompt.schema, input }))
    const ended = await start(toArguments(prompt, model), input, signal)
    if (ended.kind === 'stopped') return toConnectionFailure(null, { wasSent: true, signal })
    if (ended.kind === 'not-started') return notStarted
    keep?.received(ended.output)
    if (ended.kind === 'too-long') return { ...notReadable, detail: 'The answer is far too long.' }
    return toResult(ended.output, model)
  }

  async function check(_model: string, signal: AbortSignal): Promise<ReadinessStep[]> {
    const ended = await start(['--version'], '', signal)
    const version = ended.kind === 'ended' ? /^\d+(?:\.\d+)+/.exec(ended.output)?.[0] : undefined
    if (version) return [step('program', 'ok', `Claude Code ${version} is installed.`)]
    return [
      step(
        'program',
        'failed',
        `${program} could not be started.`,
        'Install Claude Code for the user of this server and sign in once with `claude`; CLAUDE_PROGRAM names another path.',
      ),
    ]
  }

  type Ended =
    | { readonly kind: 'ended'; readonly output: string }
    | { readonly kind: 'too-long'; readonly output: string }
    | { readonly kind: 'not-started' }
    | { readonly kind: 'stopped' }

  async function start(args: readonly string[], input: string, signal: AbortSignal): Promise<Ended> {
    if (signal.aborted) return { kind: 'stopped' }
    const folder = await mkdtemp(join(tmpdir(), 'carl-claude-'))
    try {
      return await new Promise<Ended>((resolve) => {
        const child = spawn(program, args, { cwd: folder, env: cleanEnvironment(env), stdio: 'pipe' })
        const chunks: Buffer[] = []
        let size = 0
        let killer: NodeJS.Timeout | undefined
        const stop = () => {
          child.kill('SIGTERM')
          killer ??= setTimeout(() => child.kill('SIGKILL'), graceMs).unref()
        }
        signal.addEventListener('abort', stop, { once: true })
        child.stdout.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > maxBytes) stop()
          else chunks.push(chunk)
        })
        // It may say anything there, and none of it is for us.
        child.stderr.resume()
        child.stdin.on('error', () => {})
        child.stdin.end(input)
        const end = (ended: Ended) => {
          clearTimeout(killer)
          signal.removeEventListener('abort', stop)
          resolve(ended)
        }
        child.once('error', () => end({ kind: 'not-started' }))
        child.once('close', () => {
          const output = Buffer.concat(chunks).toString('utf8')
          if (signal.aborted) end({ kind: 'stopped' })
          else end({ kind: size > maxBytes ? 'too-long' : 'ended', output })
        })
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  // It adds its own lines to the prompt, which nobody can count beforehand.
  const inputBound = (prompt: Prompt): number =>
    4_000 + Math.ceil(Buffer.byteLength(JSON.stringify(prompt)) / 1.5)

  return { kind: 'claude-code', mayRepair: false, inputBound, run, check }
}

const toArguments = ({ system, schema }: Prompt, model: string): string[] => [
  '-p',
  '--model',
  model,
  '--tools',
  '',
  '--setting-sources',
  '',
  '--strict-mcp-config',
  '--no-session-persistence',
  '--disable-slash-commands',
  '--system-prompt',
  system,
  '--output-format',
  'json',
  '--json-schema',
  JSON.stringify(schema),
]

/** What the program needs to find itself and its sign-in. A key in the environment would beat that sign-in. */
function cleanEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'CLAUDE_CONFIG_DIR'].flatMap((name) =>
    env[name] === undefined ? [] : [[name, env[name]] as const],
  )
  return {
    ...Object.fromEntries(kept),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
  }
}

const tokens = z.number().int().min(0).max(1e9)
/** The one line that `--output-format json` prints. */
const output = z.object({
  type: z.literal('result'),
  subtype: z.string().max(60),
  is_error: z.boolean(),
  result: z.string().nullish(),
  structured_output: z.unknown(),
  session_id: z.string().max(100).nullish(),
  usage: z
    .object({
      input_tokens: tokens,
      output_tokens: tokens,
      cache_creation_input_tokens: tokens.nullish(),
      cache_read_input_tokens: tokens.nullish(),
    })
    .nullish()
    .catch(null),
})

function toResult(text: string, model: string): DriverResult {
  const parsed = output.safeParse(readAnswer(text))
  if (!parsed.success) return notReadable
  const { is_error, result, structured_output, session_id, usage } = parsed.data
  if (is_error) return toFailure(result ?? '')
  const use = {
    input: usage?.input_tokens ?? 0,
    // With the sign-in of a plan it writes for an hour; nothing of this is charged by us.
    cacheWrite5m: 0,
    cacheWrite1h: usage?.cache_creation_input_tokens ?? 0,
    cacheRead: usage?.cache_read_input_tokens ?? 0,
    output: usage?.output_tokens ?? 0,
    thinking: 0,
  }
  const json =
    structured_output !== null && typeof structured_output === 'object' && !Array.isArray(structured_output)
      ? structured_output
      : readAnswer(result ?? '')
  const requestId = session_id ?? null
  return json
    ? { kind: 'answer', json, use, requestId, stopReason: 'end_turn', model }
    : { kind: 'malformed', use, requestId, stopReason: null, detail: 'The answer is no JSON object.' }
}

/** It says in words what went wrong; only what kind it is goes on from here. */
function toFailure(words: string): DriverResult {
  const failed = (reason: 'wrong-key' | 'spend-limit' | 'overloaded', detail: string) =>
    ({ kind: 'failed', reason, wasBilled: 'no', retryAfterMs: null, detail }) as const
  if (/log ?in|authenticat|credential|api key|oauth/i.test(words))
    return failed('wrong-key', 'Claude Code is not signed in: run `claude` once as the user of this server.')
  if (/limit/i.test(words)) return failed('spend-limit', 'The plan that Claude Code uses is at its limit.')
  return failed('overloaded', 'Claude Code reported an error.')
}

const notStarted = {
  kind: 'failed',
  reason: 'bad-request',
  wasBilled: 'no',
  retryAfterMs: null,
  detail: 'Claude Code could not be started.',
} as const
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
