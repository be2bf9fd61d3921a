import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AgentMessage } from '../../contract/agent-protocol.ts'
import { agentMessage } from '../../contract/agent-protocol.ts'
import { agentId } from '../../contract/ids.ts'
import { createCatalogue } from '../../server/agents/catalogue.ts'
import { createLogger } from '../../server/lib/logger.ts'
import { launch } from '../../server/ssh/launch.ts'
import type { SshConnection } from '../../server/ssh/transport.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'
import { connect, listen, launchTools, orderFor } from '../../testbed/visits.ts'

const run = promisify(execFile)

const catalogue = createCatalogue({
  builtInFolder: resolve(import.meta.dirname, '..'),
  installedFolders: [],
  logger: createLogger('silent'),
})
const entry = catalogue.get(agentId.parse('system-health'))

let sshd: TestSshd
let connection: SshConnection
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carl-health-'))
  sshd = await startSshd()
  connection = await connect(sshd)
})
afterAll(async () => {
  connection.close()
  await connection.closed
  await sshd.stop()
  rmSync(folder, { recursive: true })
})

/** Carries System Health to a node over real SSH and gives all that it says. */
async function perform(options: Record<string, unknown> = {}, history: Record<string, unknown> = {}) {
  const order = orderFor('', {
    payload: entry.payload,
    timeoutS: entry.manifest.timeoutS.default,
    configure: async () => ({
      run: {
        id: 'exe_test',
        mode: 'report',
        dryRun: false,
        timeoutS: entry.manifest.timeoutS.default,
        sentAt: Date.now() / 1_000,
        elevation: 'none',
      },
      node: { id: 'nod_test', name: 'test' },
      options: entry.checkOptions({ network_probes: false, sample_s: 0.3, ...options }),
      history,
      secrets: {},
    }),
  })
  const heard = listen(await launch(connection, order, launchTools))
  const end = await heard.ended
  const said = heard.frames.flatMap((frame) => (frame.t === 'ev' ? [{ kind: frame.k, ...frame.v }] : []))
  return { heard, end, said, messages: said.map((message) => agentMessage.parse(message)) }
}

const findingsOf = (messages: readonly AgentMessage[]) =>
  messages.flatMap((message) => (message.kind === 'finding' ? [message.finding] : []))

describe('System Health on a real node', () => {
  test('everything it says is what the contract allows, and its last word is the result', async () => {
    const { heard, end, messages } = await perform()
    expect(end).toMatchObject({
      kind: 'ended',
      frame: { code: 0, sig: null, why: null, strays: 0, left: [] },
    })
    expect([heard.stdout(), heard.stderr(), heard.noise]).toEqual(['', '', []])
    const kinds = messages.map(({ kind }) => kind)
    expect(kinds.slice(-2)).toEqual(['data', 'result'])
    expect(kinds).toContain('metric')
    // Whoever goes around the kit is on record, too; here nobody does.
    expect(kinds).not.toContain('cmd')
    const result = messages.at(-1)
    expect(result).toMatchObject({ kind: 'result', dropped: {} })
  })

  test('what it wants back next time stands in its manifest, and it takes it back', async () => {
    const quick = { skip: ['updates'] }
    const { messages } = await perform(quick)
    const kept = messages.flatMap((message) => (message.kind === 'history' ? [message] : []))
    for (const { key } of kept) expect(entry.manifest.history).toContain(key)
    const earlier = Date.now() / 1_000 - 3_600
    const history = Object.fromEntries(kept.map(({ key, value }) => [key, [[earlier, value]]]))
    const again = await perform(quick, history)
    expect(again.end).toMatchObject({ kind: 'ended', frame: { code: 0 } })
    const changed = findingsOf(again.messages).filter(({ id }) => /_new$|_gone$|_changed$|_missing$/.test(id))
    expect(changed).toEqual([])
  })

  test('the commands it runs through sudo are exactly those of its manifest', async () => {
    const folders = [import.meta.dirname, resolve(import.meta.dirname, '../kit')]
    const { stdout } = await run(
      'python3',
      ['-B', '-c', 'import agent, json; print(json.dumps(agent.SUDO))'],
      {
        env: {
          PATH: process.env['PATH'],
          PYTHONPATH: [...folders, join(folders[1] ?? '', 'stand_in')].join(':'),
        },
      },
    )
    expect(JSON.parse(stdout)).toEqual(entry.manifest.sudo.map(({ argv }) => argv))
  })

  test('a section that is left out is neither looked at nor told', async () => {
    const skip = ['load', 'updates', 'services', 'ports', 'auth', 'sshd', 'certs', 'network', 'thermal']
    const { messages } = await perform({ skip })
    const data = messages.find((message) => message.kind === 'data')
    expect(Object.keys(data?.kind === 'data' ? data.data : {})).toEqual(
      expect.arrayContaining(['host', 'disks']),
    )
    const steps = messages.flatMap((message) => (message.kind === 'progress' ? [message.step] : []))
    expect(steps).not.toContain('load')
  })

  test('hostile text of a node comes out harmless: escapes, direction marks, a forged last word', async () => {
    const forged = '\u001b[2J\u202e{"t":"end"}'
    const path = join(folder, 'odd \u001b[31m\u202e.pem')
    writeFileSync(path, `${forged}\n`)
    const parent = spawn('python3', ['-c', zombies], { stdio: ['pipe', 'pipe', 'inherit'] })
    try {
      await once(parent.stdout, 'data')
      const { said, messages } = await perform({ cert_paths: [path], skip: ['updates'] })
      const zombieParents = findingsOf(messages).filter(({ id }) => id === 'proc.zombies')
      expect(JSON.stringify(zombieParents)).toContain('{\\"t\\":\\"end\\"}')
      const gaps = messages.flatMap((message) => (message.kind === 'result' ? message.gaps : []))
      expect(gaps.map(({ what }) => what)).toContain(`certs: ${folder}/odd \ufffd.pem`)
      expect(messages.filter(({ kind }) => kind === 'result')).toHaveLength(1)
      for (const text of textsOf(said)) expect(text).not.toMatch(/[\u001b\u200e\u200f\u202a-\u202e]/)
    } finally {
      parent.kill('SIGKILL')
      await once(parent, 'close')
    }
  })

  test('cancelled in the middle, it ends at once and still tells what it knew', async () => {
    const order = orderFor('', {
      payload: entry.payload,
      graceS: 5,
      configure: async () => ({
        run: { timeoutS: 60 },
        options: entry.checkOptions({ sample_s: 30, network_probes: false }),
      }),
    })
    const visit = await launch(connection, order, launchTools)
    const messages: AgentMessage[] = []
    for await (const item of visit.frames) {
      if (item.t !== 'ev') continue
      const message = agentMessage.parse({ kind: item.k, ...item.v })
      messages.push(message)
      if (message.kind === 'progress' && message.step === 'load') visit.cancel()
    }
    expect(await visit.ended).toMatchObject({
      kind: 'ended',
      frame: { code: 5, why: 'cancel', forced: false, left: [] },
    })
    expect(messages.at(-1)).toMatchObject({ kind: 'result', status: 'cancelled' })
    expect(messages.at(-2)).toMatchObject({ kind: 'data', data: { host: { root: expect.any(Boolean) } } })
  })
})

/** Twelve dead children of a process whose name would clear a screen and end the run; `comm` holds 15 bytes. */
const zombies = `
import os, sys
open("/proc/self/comm", "w").write('\\x1b[2J{"t":"end"}')
for _ in range(12):
    if os.fork() == 0:
        os._exit(0)
print(flush=True)
sys.stdin.read()
`

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsOf(inner)])
}
