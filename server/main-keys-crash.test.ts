import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { NodeId } from '../contract/ids.ts'
import type { NodeKey } from '../contract/keys.ts'
import { driver, testConfig } from '../testbed/house.ts'
import { type Failpoint, type ServerProcess, startServer } from '../testbed/server-process.ts'
import { startSshd, type TestSshd } from '../testbed/sshd.ts'
import { sshLogin } from '../testbed/ssh-login.ts'
import { findServer } from './cli/client.ts'
import { createHouse } from './house.ts'

const someoneElse = '# of somebody else\nssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== anna@laptop\n'

let sshd: TestSshd
/** A data folder with one node, copied for each test. */
let prepared: string
let nodeId: NodeId
/** The file of the node as it was at first. */
let untouched: string
const servers: ServerProcess[] = []
const folders: string[] = []

beforeAll(async () => {
  sshd = await startSshd({ keysInHome: true, keyOptions: 'restrict' })
  untouched = `${someoneElse}${readFileSync(sshd.authorizedKeys, 'utf8')}`
  prepared = newFolder()
  const config = testConfig(prepared)
  const house = await createHouse(config)
  await house.start()
  const drive = driver(findServer({}, config))
  await drive.allowLoopback()
  nodeId = (await drive.addNode(sshd)).id
  await house.stop()
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.kill()
})
afterAll(async () => {
  await sshd.stop()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'carl-keys-crash-'))
  folders.push(folder)
  return folder
}

async function open(folder: string, failpoint?: Failpoint): Promise<ServerProcess> {
  const server = await startServer(folder, failpoint)
  servers.push(server)
  return server
}

const rotate = ({ drive }: ServerProcess) =>
  drive.client.keys.rotate({ params: { id: nodeId }, body: { removesUploaded: true } })

/** Resolves once the rotation has ended; runs agents meanwhile, as its grace wants to see. */
async function untilEnded({ drive }: ServerProcess): Promise<NodeKey> {
  for (let turn = 0; turn < 400; turn++) {
    const key = await drive.client.keys.get({ params: { id: nodeId } })
    if (key.rotation?.endedAt) return key
    if (key.rotation?.step === 'grace') {
      const { id } = await drive.run('hello', 'nas')
      const { state } = await drive.untilEnded(id)
      if (state !== 'succeeded') throw new Error(`a run in the grace ended as ${state}`)
    } else await sleepFor(25)
  }
  throw new Error('the rotation never ended')
}

/** Drives a server until it is dead. */
async function untilDead(server: ServerProcess): Promise<void> {
  const driven = rotate(server).then(() => untilEnded(server))
  driven.catch(() => {})
  expect(await server.ended).toBe('SIGKILL')
}

async function expectOpen({ drive }: ServerProcess): Promise<void> {
  const report = await drive.client.nodes.test({ params: { id: nodeId } })
  expect(report.steps.find(({ step }) => step === 'auth')).toMatchObject({ state: 'ok' })
}

/** Exactly the new key opens the node, and nothing of the change lies about. */
function expectRenewed(key: NodeKey): void {
  expect(key.fingerprint).not.toBe(key.rotation?.oldFingerprint)
  const text = readFileSync(sshd.authorizedKeys, 'utf8')
  expect(text.startsWith(someoneElse)).toBe(true)
  expect(text.slice(someoneElse.length)).toMatch(/^restrict ssh-ed25519 \S+ carl-nas-\S+\n$/)
  expect(sshLogin(sshd, sshd.clientKey)).toBe('refused')
  expect(readdirSync(dirname(sshd.authorizedKeys))).toEqual(['authorized_keys'])
}

/** The eight steps, each at the moment it has been done and that is not yet written, and at the moment it is. */
const failpoints = ['append', 'try', 'activate', 'grace', 'remove', 'verify', 'record', 'done'].flatMap(
  (step): Failpoint[] => [
    { when: 'before', step: `key:${step}` },
    { when: 'after', step: `key:${step}` },
  ],
)

test.each(failpoints)(
  'a server that is killed $when "$step" is written still opens the node, and ends with one key',
  async (failpoint) => {
    writeFileSync(sshd.authorizedKeys, untouched)
    const folder = newFolder()
    cpSync(prepared, folder, { recursive: true })
    await untilDead(await open(folder, failpoint))

    const second = await open(folder)
    await expectOpen(second)
    const ended = await untilEnded(second)
    expect(ended.rotation).toMatchObject({ step: 'done', problem: null })
    expectRenewed(ended)
    await expectOpen(second)
  },
)

test('a server that is killed before the rotation is written has changed nothing', async () => {
  writeFileSync(sshd.authorizedKeys, untouched)
  const folder = newFolder()
  cpSync(prepared, folder, { recursive: true })
  await untilDead(await open(folder, { when: 'before', step: 'key:make' }))

  const second = await open(folder)
  await expectOpen(second)
  expect((await second.drive.client.keys.get({ params: { id: nodeId } })).rotation).toBeNull()
  expect(readFileSync(sshd.authorizedKeys, 'utf8')).toBe(untouched)
})

test.each(
  ['undo', 'undone'].flatMap(
    (step) =>
      [
        { when: 'before', step },
        { when: 'after', step },
      ] as const,
  ),
)(
  'a server that is killed $when "$step" is written while a rotation is taken back leaves the old key alone',
  async ({ when, step }) => {
    writeFileSync(sshd.authorizedKeys, untouched)
    const folder = newFolder()
    cpSync(prepared, folder, { recursive: true })
    const first = await open(folder, { when, step: `key:${step}` })
    await rotate(first)
    const { keys } = first.drive.client
    for (let turn = 0; turn < 400; turn++) {
      if ((await keys.get({ params: { id: nodeId } })).rotation?.step === 'grace') break
      await sleepFor(25)
    }
    await keys.cancel({ params: { id: nodeId } }).catch(() => {})
    expect(await first.ended).toBe('SIGKILL')

    const second = await open(folder)
    await expectOpen(second)
    // Before anything of it was kept, nobody had taken it back.
    if (step === 'undo' && when === 'before')
      await second.drive.client.keys.cancel({ params: { id: nodeId } })
    const key = await untilEnded(second)
    expect(key.rotation).toMatchObject({ step: 'undone', problem: { code: 'key.cancelled' } })
    expect(key.fingerprint).toBe(key.rotation?.oldFingerprint)
    expect(readFileSync(sshd.authorizedKeys, 'utf8')).toBe(untouched)
    expect(sshLogin(sshd, sshd.clientKey)).toBe('let in')
  },
)
