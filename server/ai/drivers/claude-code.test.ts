import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type DriverFloor, driverConformance } from '../../../testbed/driver-conformance.ts'
import { testPrompt } from '../readiness.ts'
import { createClaudeCodeDriver } from './claude-code.ts'

const program = resolve(import.meta.dirname, '../../../testbed/stand-in-claude.mjs')
const signal = new AbortController().signal

interface Seen {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly input: string
  readonly folder: readonly string[]
}

async function open() {
  const home = mkdtempSync(join(tmpdir(), 'carl-claude-home-'))
  const driver = createClaudeCodeDriver({
    program,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      ANTHROPIC_API_KEY: 'sk-ant-of-somebody',
      CLAUDE_CODE_OAUTH_TOKEN: 'oauth-of-somebody',
      MASTER_KEY_FILE: '/run/secrets/key',
    },
  })
  const scripts: Record<string, object> = {
    'not-json': { result: { structured_output: null, result: 'It is full.' } },
    empty: { body: '' },
    garbage: { body: '<html>' },
    huge: { body: 'x'.repeat(2_000_000) },
    hangs: { hangs: true },
    'wrong-key': { result: { is_error: true, result: 'Not logged in · Please run /login' } },
  }
  const next: DriverFloor['next'] = (how) =>
    writeFileSync(join(home, 'claude-script.json'), JSON.stringify(scripts[how] ?? {}))
  const seen = (): Seen[] => {
    const file = join(home, 'claude-seen.jsonl')
    if (!existsSync(file)) return []
    return readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Seen)
  }
  return {
    driver,
    model: 'haiku',
    seen,
    script: (script: object) => writeFileSync(join(home, 'claude-script.json'), JSON.stringify(script)),
    sent: () => seen().map(({ input }) => input),
    next,
    stop: async () => rmSync(home, { recursive: true, force: true }),
  }
}

describe('the driver for Claude Code', () => {
  driverConformance({ open, without: ['cut', 'refuses', 'too-long'] })

  test('it is started bare: no tools, no settings, an empty folder, and no key of the environment', async () => {
    const floor = await open()
    await floor.driver.run(testPrompt('claude-code'), { model: 'haiku', effort: 'low', signal })
    const [run] = floor.seen()
    expect(run?.args).toEqual([
      '-p',
      '--model',
      'haiku',
      '--tools',
      '',
      '--setting-sources',
      '',
      '--strict-mcp-config',
      '--no-session-persistence',
      '--disable-slash-commands',
      '--system-prompt',
      testPrompt('claude-code').system,
      '--output-format',
      'json',
      '--json-schema',
      JSON.stringify(testPrompt('claude-code').schema),
    ])
    expect(run?.folder).toEqual([])
    const names = Object.keys(run?.env ?? {}).filter((name) => !/^(?:_|PWD|SHLVL|OLDPWD)$/.test(name))
    expect(names.toSorted()).toEqual([
      'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
      'DISABLE_AUTOUPDATER',
      'HOME',
      'PATH',
    ])
    // Facts of machines are no arguments, which everybody on this machine can list.
    expect(run?.args.join(' ')).not.toContain('/mnt/disk')
    await floor.stop()
  })

  test('a plan at its limit is told apart', async () => {
    const floor = await open()
    floor.script({ result: { is_error: true, result: 'You have hit your usage limit' } })
    expect(
      await floor.driver.run(testPrompt('claude-code'), { model: 'haiku', effort: 'low', signal }),
    ).toMatchObject({ kind: 'failed', reason: 'spend-limit', wasBilled: 'no' })
    await floor.stop()
  })

  test('readiness says when it is not installed', async () => {
    const missing = createClaudeCodeDriver({ program: '/nowhere/claude', env: {} })
    expect(await missing.check('haiku', signal)).toMatchObject([{ step: 'program', state: 'failed' }])
    const floor = await open()
    expect(await floor.driver.check('haiku', signal)).toMatchObject([
      { step: 'program', state: 'ok', detail: 'Claude Code 2.1.330 is installed.' },
    ])
    await floor.stop()
  })
})
