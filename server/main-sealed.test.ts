import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { errorReply } from '../contract/errors.ts'
import { driver, testConfig } from '../testbed/house.ts'
import { freePort } from '../testbed/tcp-proxy.ts'
import { findServer } from './cli/client.ts'
import { createHouse, type House } from './house.ts'
import { createGate, type Gate } from './house/gate.ts'
import { createLogger } from './lib/logger.ts'

const passphrase = 'anvil quiet lantern 72 meadow'
const wrong = 'anvil quiet lantern 73 meadow'
const overrides = { logger: createLogger('silent') }

let folder: string
let env: Record<string, string>
const gates: Gate[] = []
const houses: House[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carl-sealed-'))
  env = { MASTER_KEY_PASSPHRASE: '1', PORT: String(await freePort()) }
})
afterEach(async () => {
  for (const gate of gates.splice(0)) await gate.close()
  for (const house of houses.splice(0)) await house.stop()
  rmSync(folder, { recursive: true })
})

const config = () => testConfig(folder, env)

async function openGate(): Promise<{ gate: Gate; url: string }> {
  await expect(createHouse(config(), overrides)).rejects.toMatchObject({ code: 'vault.sealed' })
  const gate = await createGate(config(), overrides)
  gates.push(gate)
  return { gate, ...(await gate.listen()) }
}

/** The house behind a gate that was opened, started in its place. */
async function enter(gate: Gate): Promise<House> {
  const house = await gate.opened
  await gate.close()
  houses.push(house)
  await house.start()
  return house
}

/** A server with a passphrase, stopped again. */
async function prepare(): Promise<void> {
  const { gate } = await openGate()
  await unsealHere(passphrase)
  const house = await enter(gate)
  await house.credentials.create(
    { kind: 'password', name: 'nas', password: 'canary', sudoPassword: null },
    house.localActor,
  )
  houses.pop()
  await house.stop()
}

interface Answer {
  readonly status: number
  readonly code: string | null
  readonly text: string
  readonly headers: Headers
}

async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const reply = await fetch(url, init)
  const body = await reply.text()
  const refusal = errorReply.safeParse(
    reply.headers.get('content-type')?.includes('json') ? JSON.parse(body) : null,
  )
  return {
    status: reply.status,
    code: refusal.success ? refusal.data.error.code : null,
    text: body,
    headers: reply.headers,
  }
}

/** As the page does it. */
const unsealFrom = (url: string, given: string, headers: Record<string, string> = {}) =>
  ask(`${url}/api/v1/unseal`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ passphrase: given }),
  })

/** As `carl unseal` does it: through the door for this machine. */
const unsealHere = (given: string) =>
  driver(findServer({}, config())).client.masterKey.unseal({ body: { passphrase: given } })

describe('a sealed server', () => {
  test('says so everywhere, and shows nothing else', async () => {
    await prepare()
    const { url } = await openGate()
    const page = await ask(`${url}/nodes/some`, { headers: { accept: 'text/html' } })
    expect(page.status).toBe(503)
    expect(page.text).toContain('This server is sealed')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    for (const path of ['/api/v1/nodes', '/api/v1/session', '/api/v1/version', '/api/v1/openapi.json'])
      expect(await ask(`${url}${path}`)).toMatchObject({ status: 503, code: 'vault.sealed' })
    const signIn = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
    expect(await ask(`${url}/api/v1/session`, signIn)).toMatchObject({ status: 503, code: 'vault.sealed' })
    expect((await ask(`${url}/healthz`)).text).toBe('{"status":"sealed"}')
    expect(await ask(`${url}/readyz`)).toMatchObject({ status: 503, code: 'vault.sealed' })
  })

  test('is opened by its passphrase, on the same port, with every secret', async () => {
    await prepare()
    const { gate, url } = await openGate()
    expect(await unsealFrom(url, wrong)).toMatchObject({ status: 403, code: 'vault.wrong_passphrase' })
    expect(await unsealFrom(url, passphrase)).toMatchObject({ status: 200, text: '{"unsealed":true}' })
    const house = await enter(gate)
    expect(await ask(`${url}/readyz`)).toMatchObject({ status: 200 })
    expect(await unsealFrom(url, passphrase)).toMatchObject({ status: 409, code: 'vault.not_sealed' })
    const [credential] = await house.credentials.list()
    await house.credentials.withLogin(credential?.id ?? ('' as never), async (login) => {
      expect(login.kind === 'password' && login.password.reveal()).toBe('canary')
    })
    const { items } = await house.audit.list({ limit: 10, action: 'server.unsealed' })
    expect(items.map(({ actor, detail }) => ({ actor, detail }))).toEqual([
      { actor: 'anonymous', detail: { refused: 1 } },
      { actor: 'local', detail: { refused: 0 } },
    ])
    expect(await house.audit.verify()).toMatchObject({ sound: true })
  })

  test('lets nobody guess for long, and never keeps out whoever sits at its machine', async () => {
    await prepare()
    const { gate, url } = await openGate()
    for (let round = 0; round < 10; round++)
      expect(await unsealFrom(url, `${wrong} ${round}`)).toMatchObject({ code: 'vault.wrong_passphrase' })
    const limited = await unsealFrom(url, passphrase)
    expect(limited).toMatchObject({ status: 429, code: 'request.rate_limited' })
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
    await unsealHere(passphrase)
    await enter(gate)
  })

  test('takes no passphrase from a page of another site', async () => {
    await prepare()
    const { url } = await openGate()
    const origin = { origin: 'http://evil.example' }
    expect(await unsealFrom(url, passphrase, origin)).toMatchObject({ code: 'request.cross_site' })
    const form = { 'content-type': 'text/plain' }
    expect(await unsealFrom(url, passphrase, form)).toMatchObject({ code: 'request.unsupported_media_type' })
  })

  test('that is fresh is given its passphrase at its machine alone', async () => {
    const { url } = await openGate()
    const page = await ask(url, { headers: { accept: 'text/html' } })
    expect(page.text).toContain('It has no passphrase yet')
    expect(await unsealFrom(url, passphrase)).toMatchObject({ status: 503, code: 'vault.sealed' })
    const guess = { authorization: 'Bearer guess' }
    expect(await unsealFrom(url, passphrase, guess)).toMatchObject({ status: 503, code: 'vault.sealed' })
    await expect(unsealHere('password1234')).rejects.toMatchObject({
      problem: { code: 'vault.passphrase_weak' },
    })
    expect(existsSync(join(folder, 'keys'))).toBe(false)
    await unsealHere(passphrase)
    expect(readFileSync(join(folder, 'keys/passphrase.json'), 'utf8')).not.toContain(passphrase)
  })
})

describe('the commands', () => {
  const children: ChildProcess[] = []
  afterEach(async () => {
    for (const child of children.splice(0)) {
      const ended = once(child, 'close')
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await ended
    }
  })

  function carl(...args: string[]) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOST: '127.0.0.1', DATA_DIR: folder, LOG_LEVEL: 'info', ...env },
    })
    children.push(child)
    return child
  }

  async function run(args: string[], input: string) {
    const child = carl(...args)
    child.stdin.end(input)
    const [out, said, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ])
    return { code, said: out + said }
  }

  /** Reads what a server prints until a line says what is wanted. */
  async function untilPrinted(child: ReturnType<typeof carl>, wanted: RegExp): Promise<string> {
    let all = ''
    for await (const line of createInterface(child.stdout)) {
      all += `${line}\n`
      if (wanted.test(line)) return all
    }
    throw new Error(`it never said ${String(wanted)}:\n${all}`)
  }

  // Eight processes, each of which reads all of the sources.
  test('open a sealed server from standard input, change its passphrase, and show it nowhere', {
    timeout: 240_000,
  }, async () => {
    const server = carl('start')
    await untilPrinted(server, /This server is sealed/)
    const said = text(server.stdout)
    const doctor = await run(['doctor'], '')
    expect(doctor.said).toContain('waits for a passphrase')
    expect(doctor.said).toContain('This server is sealed')
    const opened = await run(['unseal'], `${passphrase}\n`)
    expect(opened).toEqual({ code: 0, said: 'The server is open.\n' })
    // The door opens anew with the house behind it.
    const client = () => driver(findServer({}, config())).client
    await expect
      .poll(async () => client().masterKey.status({}), { timeout: 30_000 })
      .toMatchObject({ source: 'passphrase', concerns: [], rotation: null })
    const next = 'copper orchard 19 violin dusk'
    const rotated = await run(['rotate-key'], `${next}\n`)
    expect(rotated).toMatchObject({ code: 0, said: expect.stringContaining('The master key is changed') })
    server.kill('SIGTERM')
    const log = await said
    for (const secret of [passphrase, next]) {
      expect(log + opened.said + rotated.said + doctor.said).not.toContain(secret)
    }

    const again = carl('start')
    await untilPrinted(again, /This server is sealed/)
    expect(await run(['unseal'], passphrase)).toMatchObject({
      said: expect.stringContaining('vault.wrong_passphrase'),
    })
    expect(await run(['unseal'], next)).toMatchObject({ code: 0 })
  })

  test('end a sealed server in order', async () => {
    const server = carl('start')
    await untilPrinted(server, /This server is sealed/)
    const ended = once(server, 'close')
    server.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(existsSync(join(folder, 'run'))).toBe(false)
  })
})
