import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TokenUse } from '../contract/costs.ts'
import { bundledPrices } from '../server/costs/bundled-prices.ts'
import { costOf, noUse, priceFor } from '../server/costs/prices.ts'

/**
 * `npm run price-oracle`: holds our prices against those that the vendor's own program computes, which carries its own
 * price list: Claude Code is sent usage from a server of ours and says what that costs. Downloads some 360 MB into a
 * folder that is removed again; `CLAUDE_BINARY` names one that is there already. To be run before a release.
 */
const version = '0.3.330'
const models = [
  'claude-haiku-5-5',
  'claude-sonnet-5-5',
  'claude-opus-5-5',
  'claude-fable-5-2',
  'claude-sonnet-5',
  'claude-opus-5',
  'claude-haiku-4-5',
]
const mixes: readonly Partial<TokenUse>[] = [
  { input: 3_550, output: 800 },
  { input: 10, cacheRead: 52_000, output: 1_200 },
  { input: 100, cacheWrite5m: 20_000, output: 300 },
  { input: 100, cacheWrite1h: 20_000, output: 300 },
  { input: 1_000, cacheWrite5m: 5_000, cacheWrite1h: 7_000, cacheRead: 9_000, output: 2_000 },
  { input: 100_000, output: 1_000 },
  { input: 100_001, output: 1_000 },
]

let usage: TokenUse = noUse
const vendor = createServer((request, reply) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (text: string) => (body += text))
  request.on('end', () => {
    const asked = body ? (JSON.parse(body) as { model?: string; stream?: boolean }) : {}
    const told = {
      input_tokens: usage.input,
      output_tokens: usage.output,
      cache_read_input_tokens: usage.cacheRead,
      cache_creation_input_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
      cache_creation: {
        ephemeral_5m_input_tokens: usage.cacheWrite5m,
        ephemeral_1h_input_tokens: usage.cacheWrite1h,
      },
    }
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: asked.model,
      stop_sequence: null,
    }
    if (!asked.stream) {
      reply.setHeader('content-type', 'application/json')
      const content = [{ type: 'text', text: 'ok' }]
      return void reply.end(JSON.stringify({ ...message, content, stop_reason: 'end_turn', usage: told }))
    }
    reply.setHeader('content-type', 'text/event-stream')
    const events = [
      {
        type: 'message_start',
        message: { ...message, content: [], stop_reason: null, usage: { ...told, output_tokens: 1 } },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'ok' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: told },
      { type: 'message_stop' },
    ]
    for (const event of events) reply.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    reply.end()
  })
})

const folder = mkdtempSync(join(tmpdir(), 'carl-oracle-'))
try {
  const binary = process.env.CLAUDE_BINARY ?? install()
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`
  let differences = 0
  for (const model of models) {
    for (const mix of mixes) {
      usage = { ...noUse, ...mix }
      const { row } = priceFor(model, new Date().toISOString().slice(0, 10), bundledPrices)
      const ours = costOf(row, usage, 'direct') / 1e9
      const theirs = await ask(binary, model, url)
      // Theirs is a fraction in binary; ours is rounded up to a billionth.
      const isSame = Math.abs(ours - theirs) < 2e-9
      if (!isSame) differences += 1
      console.log(
        `${isSame ? 'same' : 'DIFFERENT'}  ${model}  ${JSON.stringify(mix)}  ours ${ours}  theirs ${theirs}`,
      )
    }
  }
  console.log(`${models.length * mixes.length} comparisons, ${differences} differences`)
  process.exitCode = differences === 0 ? 0 : 1
} finally {
  vendor.close()
  rmSync(folder, { recursive: true, force: true })
}

function install(): string {
  console.log(`Fetching @anthropic-ai/claude-agent-sdk ${version}…`)
  const packages = ['claude-agent-sdk', `claude-agent-sdk-${process.platform}-${process.arch}`]
  const wanted = packages.map((name) => `@anthropic-ai/${name}@${version}`)
  execFileSync('npm', ['install', '--no-save', '--ignore-scripts', '--prefix', folder, ...wanted], {
    cwd: folder,
    stdio: 'inherit',
  })
  return join(folder, 'node_modules/@anthropic-ai', packages[1] ?? '', 'claude')
}

/** What Claude Code says a call costs, in US dollars. It reaches nothing but our server, and knows no key. */
async function ask(binary: string, model: string, url: string): Promise<number> {
  const { stdout } = await promisify(execFile)(
    binary,
    ['-p', 'hello', '--model', model, '--tools', '', '--setting-sources', '', '--strict-mcp-config']
      .concat(['--no-session-persistence', '--disable-slash-commands', '--system-prompt', 'Say ok.'])
      .concat(['--output-format', 'json']),
    {
      cwd: folder,
      timeout: 60_000,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        ANTHROPIC_BASE_URL: url,
        ANTHROPIC_API_KEY: 'not-a-key',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      },
    },
  )
  const { total_cost_usd: cost } = JSON.parse(stdout) as { total_cost_usd: number }
  return cost
}
