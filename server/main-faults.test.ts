import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { driver, testConfig, testHouse, type TestHouse } from '../testbed/house.ts'
import { processesOfRun, untilGone, untilSeen } from '../testbed/processes.ts'
import { createQuickClock } from '../testbed/quick-clock.ts'
import { smallDisk } from '../testbed/small-disk.ts'
import { canAddUsers, startSshd, type TestSshd } from '../testbed/sshd.ts'
import { startTcpProxy } from '../testbed/tcp-proxy.ts'
import { findServer } from './cli/client.ts'
import { problemOf } from './cli/problem.ts'
import type { OpenDatabase } from './db/open.ts'
import { createHouse } from './house.ts'
import { fail } from './lib/errors.ts'
import { createLogger } from './lib/logger.ts'

const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close()
})

async function withServer(given: Parameters<typeof testHouse>[0] = {}): Promise<TestHouse> {
  const server = await testHouse(given)
  open.push(server)
  return server
}

async function withSshd(given: Parameters<typeof startSshd>[0] = {}): Promise<TestSshd> {
  const sshd = await startSshd(given)
  open.push({ close: () => sshd.stop() })
  return sshd
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'carl-faults-'))
  open.push({ close: async () => rmSync(folder, { recursive: true, force: true }) })
  return folder
}

const codeOf = async (call: Promise<unknown>) =>
  call.then(
    () => 'no refusal',
    (error: unknown) => problemOf(error)?.code,
  )

test('a node that reboots in the middle of a run: the run is lost, and nothing pretends otherwise', async () => {
  const { drive } = await withServer()
  const sshd = await withSshd()
  await drive.addNode(sshd)
  const { id } = await drive.run('counts', 'nas', { count: 100_000, everyMs: 10 })
  await drive.untilLogged(id, 'line 10')

  // What a reboot takes: every process, and all that lay in memory.
  for (const { pid } of processesOfRun(id)) process.kill(pid, 'SIGKILL')
  for (const place of ['/dev/shm', '/tmp']) {
    for (const name of readdirSync(place).filter((one) => one.startsWith('carl-') && one.endsWith(id))) {
      rmSync(join(place, name), { recursive: true })
    }
  }
  await sshd.restart()

  const { outcome } = await drive.untilEnded(id)
  expect(outcome).toMatchObject({ kind: 'lost', problem: { code: 'execution.lost' } })
  const printed = await drive.printedBy(id)
  expect(printed.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, at) => `line ${at + 1}`))
  await untilGone(id)
})

test('a run whose supervisor is killed on the node is lost, and nothing of it is left there', async () => {
  const { drive } = await withServer()
  await drive.addNode(await withSshd())
  const { id } = await drive.run('stubborn', 'nas')
  await drive.untilLogged(id, 'all of it runs')
  const foldersOf = (run: string) =>
    ['/dev/shm', '/tmp'].flatMap((place) => readdirSync(place)).filter((name) => name.endsWith(run))
  expect(foldersOf(id)).toHaveLength(1)
  const folder = foldersOf(id)[0]
  process.kill(Number(readFileSync(`/dev/shm/${folder}/pid`, 'utf8')), 'SIGKILL')

  const { outcome } = await drive.untilEnded(id)
  expect(outcome).toMatchObject({ kind: 'lost', problem: { code: 'execution.lost' } })
  await untilGone(id)
  expect(foldersOf(id)).toEqual([])
})

test('a link that goes silent in the middle of a run is noticed, and the run is heard to its end', async () => {
  const { drive } = await withServer({ overrides: { clock: createQuickClock(5) } })
  const sshd = await withSshd()
  const proxy = await startTcpProxy(() => sshd.port)
  open.push(proxy)
  const last = join(newFolder(), 'say-the-last')
  await drive.addNode(sshd, { port: proxy.port })
  const { id } = await drive.run('counts', 'nas', { count: 40, everyMs: 5, waitsFor: last })
  await drive.untilLogged(id, 'line 39')

  proxy.pause()
  await drive.untilLogged(id, 'The link to the node broke.')
  proxy.cut()
  proxy.resume()
  await drive.untilLogged(id, 'Connected to the node again.')
  writeFileSync(last, '')

  const { outcome } = await drive.untilEnded(id)
  expect(outcome).toMatchObject({ kind: 'succeeded', left: [] })
  expect(await drive.printedBy(id)).toEqual(Array.from({ length: 40 }, (_, at) => `line ${at + 1}`))
})

test('a server that stops while a node takes its time for a start takes the run up again', async () => {
  const go = join(newFolder(), 'go')
  const server = await withServer()
  const wait = `while [ ! -e ${go} ]; do sleep 0.05; done`
  const sshd = await withSshd({ config: [`ForceCommand ${wait}; exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"`] })
  await server.drive.addNode(sshd)
  const { id } = await server.drive.run('counts', 'nas', { count: 5, everyMs: 1 })
  const isSent = async () => {
    const { items } = await server.drive.client.executions.journal({ params: { id } })
    return items.some(({ step }) => step === 'launch.intent')
  }
  for (let turn = 0; turn < 400 && !(await isSent()); turn++) await sleepFor(50)

  await server.restart()
  writeFileSync(go, '')
  expect((await server.drive.untilEnded(id)).outcome).toMatchObject({ kind: 'succeeded' })
  expect(await server.drive.printedBy(id)).toHaveLength(5)
  await untilGone(id)
})

describe('the disk of the server', () => {
  test('when it is full, nothing new starts, what runs can be stopped, and all works again after', async (context) => {
    const disk = await smallDisk(96)
    if (!disk) return context.skip('a disk of its own can only be mounted by root')
    open.push(disk)
    const config = testConfig(disk.folder)
    const house = await createHouse(config, { logger: createLogger('silent') })
    open.push({ close: () => house.stop() })
    await house.start()
    const drive = driver(findServer({}, config))
    await drive.allowLoopback()
    await drive.addNode(await withSshd())
    const { id } = await drive.run('counts', 'nas', { count: 100_000, everyMs: 20 })
    await drive.untilLogged(id, 'line 1')

    const filler = join(disk.folder, 'filler')
    expect(() => {
      for (;;) writeFileSync(filler, randomBytes(1_048_576), { flag: 'a' })
    }).toThrow(/ENOSPC/)
    expect(await codeOf(drive.run('hello', 'nas'))).toBe('storage.full')
    // The reserve was released for exactly this.
    rmSync(filler)
    writeFileSync(filler, randomBytes(60 * 1_048_576))
    await drive.client.executions.cancel({ params: { id } })
    expect((await drive.untilEnded(id)).state).toBe('cancelled')
    await untilGone(id)

    rmSync(filler)
    const again = await drive.run('hello', 'nas')
    expect((await drive.untilEnded(again.id)).state).toBe('succeeded')
  })
})

describe('a disk that takes nothing for a while', () => {
  /** Fails each write that says a step of a run, while it is told to. */
  function failing(step: string) {
    let isFailing = true
    let failures = 0
    const database = (db: OpenDatabase): OpenDatabase => ({
      ...db,
      write: (work) =>
        db.write(async (tx) => {
          const done = await work(tx)
          const query = tx.selectFrom('journal').select('step').where('step', '=', step)
          if (isFailing && (await query.executeTakeFirst())) {
            failures++
            throw fail('storage.failing')
          }
          return done
        }),
    })
    return { database, heal: () => void (isFailing = false), failures: () => failures }
  }

  test('when a run has begun ends that run on its node, as it counts as failed', async () => {
    const disk = failing('running')
    const { drive } = await withServer({ overrides: { database: disk.database } })
    await drive.addNode(await withSshd())
    const { id } = await drive.run('counts', 'nas', { count: 100_000, everyMs: 10 })
    await untilSeen('a write that fails', () => disk.failures() > 0)
    const { outcome } = await drive.untilEnded(id)
    expect(outcome).toMatchObject({ kind: 'failed', problem: { code: 'storage.failing' } })
    await untilGone(id)
  })

  test('when a run ends keeps its end as soon as it takes something again', async () => {
    const disk = failing('finished')
    const { drive } = await withServer({ overrides: { database: disk.database } })
    await drive.addNode(await withSshd())
    const { id } = await drive.run('counts', 'nas', { count: 5, everyMs: 1 })
    await untilSeen('a write that fails', () => disk.failures() > 0)
    disk.heal()
    expect((await drive.untilEnded(id)).outcome).toMatchObject({ kind: 'succeeded' })
    expect(await drive.printedBy(id)).toEqual(Array.from({ length: 5 }, (_, at) => `line ${at + 1}`))
    await drive.untilComplete(id)
    await untilGone(id)
  })

  test('when a run ends and its link breaks meanwhile, its node is told once more that it may forget it', async () => {
    const disk = failing('finished')
    const { drive } = await withServer({ overrides: { database: disk.database } })
    const sshd = await withSshd()
    await drive.addNode(sshd)
    const { id } = await drive.run('counts', 'nas', { count: 5, everyMs: 1 })
    await untilSeen('a write that fails', () => disk.failures() > 0)
    sshd.killSessions()
    disk.heal()
    expect((await drive.untilEnded(id)).outcome).toMatchObject({ kind: 'succeeded' })
    await untilSeen('the record gone', () => !readdirSync('/dev/shm').some((name) => name.endsWith(id)))
  })
})

describe('the key of the vault', () => {
  test('that is not the one of the database stops the start, and names both', async () => {
    const folder = newFolder()
    const keyFile = join(newFolder(), 'key')
    writeFileSync(keyFile, randomBytes(32).toString('base64'), { mode: 0o600 })
    const first = await createHouse(testConfig(folder, { MASTER_KEY_FILE: keyFile }))
    await first.stop()

    writeFileSync(keyFile, randomBytes(32).toString('base64'), { mode: 0o600 })
    const { code, stderr } = await carl(['start'], { DATA_DIR: folder, MASTER_KEY_FILE: keyFile })
    expect(code).toBe(78)
    expect(stderr).toContain('(vault.wrong_key)')
    expect(stderr).toContain('→')
  })
})

describe('a key for a node', () => {
  test('that has a passphrase is refused without it, and nothing is kept', async () => {
    const { drive } = await withServer()
    const file = join(newFolder(), 'key')
    await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'a passphrase', '-f', file])
    const privateKey = await promisify(execFile)('cat', [file]).then(({ stdout }) => stdout)
    const add = (passphrase?: string) =>
      drive.client.credentials.create({
        body: { kind: 'key', name: 'locked', privateKey, ...(passphrase && { passphrase }) },
      })
    expect(await codeOf(add())).toBe('key.passphrase_required')
    expect(await codeOf(add('another one'))).toBe('key.passphrase_wrong')
    expect((await drive.client.credentials.list({})).items).toEqual([])
    expect(await add('a passphrase')).toMatchObject({ name: 'locked', kind: 'key' })
  })

  test('that the node does not know blocks its runs after a single attempt', async () => {
    const { drive } = await withServer()
    const sshd = await withSshd()
    const node = await drive.addNode(sshd)
    const other = await drive.client.credentials.create({ body: { kind: 'generate', name: 'not there' } })
    await drive.client.nodes.change({ params: { id: node.id }, body: { credentialId: other.id } })
    const { id } = await drive.run('hello', 'nas')
    const { state, outcome } = await drive.untilEnded(id)
    expect(state).toBe('blocked')
    expect(outcome).toMatchObject({ attempts: 1, problem: { code: 'ssh.auth_failed' } })
  })
})

describe.runIf(canAddUsers)('a user on the node', () => {
  test('who may not use sudo keeps an agent that needs root from starting, with the way out', async () => {
    const { drive } = await withServer()
    const sshd = await withSshd()
    const user = sshd.addUser()
    await drive.addNode(sshd, { username: user.username, elevation: 'root' })
    const { id } = await drive.run('hello', 'nas')
    const { state, outcome } = await drive.untilEnded(id)
    expect(state).toBe('failed')
    expect(outcome?.problem?.code).toMatch(/^sudo\./)
    expect(outcome?.problem?.fix).toMatch(/sudo/)
  })

  test('who is an ordinary one gets a report, with what could not be seen and what would allow it', async () => {
    const { drive } = await withServer()
    const sshd = await withSshd()
    const user = sshd.addUser()
    await drive.addNode(sshd, { username: user.username })
    const { id } = await drive.run('system-health', 'nas', { skip: ['network'] })
    const { state, outcome } = await drive.untilEnded(id)
    expect({ state, partial: outcome?.partial }).toEqual({ state: 'succeeded', partial: true })
    const report = await drive.client.executions.report({ params: { id } })
    expect(report.gaps.length).toBeGreaterThan(0)
    expect(report.gaps.some(({ remedy }) => remedy !== null)).toBe(true)
    expect(report.facts).toMatchObject({ host: { kernel: expect.any(String) }, disks: expect.any(Array) })
  })
})

/** The command, as a person would start it, to its end. */
async function carl(args: string[], env: Record<string, string>) {
  const command = promisify(execFile)
  return command(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    env: { ...process.env, LOG_LEVEL: 'silent', HOST: '127.0.0.1', PORT: '0', NO_COLOR: '1', ...env },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
}
