#!/usr/bin/env node
// Plays the program `claude` for tests: answers as the file claude-script.json in HOME says, and writes down in
// claude-seen.jsonl how it was started.
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const home = process.env.HOME ?? ''
const args = process.argv.slice(2)
if (args[0] === '--version') {
  process.stdout.write('2.1.330 (Claude Code)\n')
  process.exit(0)
}
let input = ''
for await (const chunk of process.stdin) input += chunk
const seen = { args, env: process.env, input, folder: readdirSync(process.cwd()) }
appendFileSync(join(home, 'claude-seen.jsonl'), `${JSON.stringify(seen)}\n`)
const scriptFile = join(home, 'claude-script.json')
const script = existsSync(scriptFile) ? JSON.parse(readFileSync(scriptFile, 'utf8')) : {}
if (script.hangs) await new Promise((done) => setTimeout(done, 60_000))
const usage = {
  input_tokens: 900,
  output_tokens: 40,
  cache_creation_input_tokens: 300,
  cache_read_input_tokens: 0,
}
const result = {
  type: 'result',
  subtype: 'success',
  is_error: false,
  result: '',
  session_id: 'ses-1',
  total_cost_usd: 0.001,
  usage,
  structured_output: { mount: '/srv/backup', usedPercent: 97 },
  ...script.result,
}
process.stdout.write(script.body ?? JSON.stringify(result))
