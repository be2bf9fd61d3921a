import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { errorReply } from '../contract/errors.ts'
import { testConfig } from '../testbed/house.ts'
import { freePort } from '../testbed/tcp-proxy.ts'
import { createAgentReader } from './agents/agent-reader.ts'
import { migrations } from './db/migrations/index.ts'
import { createHouse, type House } from './house.ts'
import { leaveRunFiles } from './house/run-files.ts'
import { createLogger } from './lib/logger.ts'
import { Secret } from './lib/secret.ts'

const logger = createLogger('silent')
/** What one house has read of agents need not be read again. */
const agentReader = createAgentReader()
let folder: string
let port: number
let house: House | null = null

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carl-upgrading-'))
  port = await freePort()
  const before = await createHouse(testConfig(folder), { logger, agentReader })
  await before.stop()
})
afterEach(async () => {
  await house?.stop()
  house = null
  rmSync(folder, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly policy: string | null
  readonly text: string
}

/**
 * Asks from another process and waits for it on this thread, which so does nothing else: as in a step that takes hours.
 * Every path is asked for as a browser does, those of the API as a program does.
 */
function askWhileBlocked(paths: readonly string[]): Answer[] {
  const program = `
    const answers = []
    for (const path of ${JSON.stringify(paths)}) {
      const accept = path.startsWith('/lab/api') ? 'application/json' : 'text/html'
      const reply = await fetch('http://127.0.0.1:${port}' + path, { headers: { accept } })
      answers.push({
        status: reply.status,
        retryAfter: reply.headers.get('retry-after'),
        policy: reply.headers.get('content-security-policy'),
        text: await reply.text(),
      })
    }
    process.stdout.write(JSON.stringify(answers))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Answer[]
}

/** What a container engine finds out, while this thread does nothing else. */
function healthWhileBlocked() {
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), 'health'], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { PATH: process.env.PATH, DATA_DIR: folder },
  })
  return { status, stdout }
}

/** The migrations of this version and two more. */
const withTwoMore = (second: () => void) => ({
  ...migrations,
  '9000-first': { up: async () => {} },
  '9001-slow': { up: async () => second() },
})

const start = (env: Record<string, string>, slow: () => void) =>
  createHouse(testConfig(folder, { PORT: String(port), BASE_PATH: '/lab', ...env }), {
    logger,
    agentReader,
    migrations: withTwoMore(slow),
  })

test('while a step takes its time, whoever comes sees how far it is, and then the server', async () => {
  const answers: Answer[] = []
  house = await start({}, () => {
    answers.push(
      ...askWhileBlocked([
        '/lab/nodes',
        '/lab/api/v1/nodes',
        '/healthz',
        '/lab/upgrading.json',
        '/lab/upgrading.js',
      ]),
    )
  })
  const [page, call, health, progress, script] = answers
  expect(page).toMatchObject({ status: 503, retryAfter: '3' })
  expect(page?.text).toContain('Step 2 of 2')
  expect(page?.text).toContain('<noscript><meta http-equiv="refresh" content="3"></noscript>')
  // No script stands in the page, so none is needed that the policy would not let run.
  expect(page?.policy).toContain("script-src 'self'")
  expect(page?.text.match(/<script(?! src="\/lab\/upgrading\.js" defer><\/script>)/)).toBeNull()
  expect(call).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^[1-3]$/) as string })
  expect(errorReply.parse(JSON.parse(call?.text ?? '')).error.code).toBe('server.upgrading')
  expect(health).toMatchObject({ status: 200, text: '{"status":"upgrading"}' })
  expect(JSON.parse(progress?.text ?? '')).toMatchObject({ at: 2, of: 2, words: 'Step 2 of 2' })
  expect(script?.text).toContain('/readyz')
  expect(house.upgrade?.steps).toEqual(['9000-first', '9001-slow'])

  // The port is free for the server, which takes it over.
  await house.start()
  expect((await fetch(`http://127.0.0.1:${port}/lab/readyz`)).status).toBe(200)
  expect((await fetch(`http://127.0.0.1:${port}/lab/upgrading.json`)).status).not.toBe(200)
})

test('an engine that asks for its health is told to be patient, also after a server that was killed', async () => {
  // What that one left: an address at which nobody answers any more.
  leaveRunFiles(folder, `http://127.0.0.1:${await freePort()}`, new Secret('of before'))
  let told: ReturnType<typeof healthWhileBlocked> | undefined
  house = await start({}, () => {
    told = healthWhileBlocked()
  })
  expect(told).toEqual({ status: 0, stdout: 'upgrading: Step 2 of 2.\n' })
  // Until the server listens there is nobody to ask.
  expect(existsSync(join(folder, 'run'))).toBe(false)
  const { url } = await house.start()
  expect(readFileSync(join(folder, 'run/url'), 'utf8').trim()).toBe(url)
})

test('a step that fails frees the port and leaves the old database, which the next start upgrades', async () => {
  const failing = start({}, () => {
    throw new Error('the step broke')
  })
  await expect(failing).rejects.toThrow('the step broke')
  const probe = createServer()
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(port, '127.0.0.1', resolve))
  await new Promise((resolve) => probe.close(resolve))
  expect(existsSync(join(folder, 'run'))).toBe(false)
  house = await start({}, () => {})
  expect(house.upgrade?.steps).toEqual(['9000-first', '9001-slow'])
})

test('a port that is taken keeps the page away, never the upgrade', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
  try {
    house = await start({}, () => {})
    expect(house.upgrade?.steps).toHaveLength(2)
    await expect(house.start()).rejects.toMatchObject({ code: 'config.port_taken' })
  } finally {
    await new Promise((resolve) => other.close(resolve))
  }
})
