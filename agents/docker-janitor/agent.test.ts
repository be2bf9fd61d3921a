import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type AgentMessage,
  type ApprovedPlan,
  agentMessage,
  type ProposedAction,
} from '../../contract/agent-protocol.ts'
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
const entry = catalogue.get(agentId.parse('docker-janitor'))

let sshd: TestSshd
let connection: SshConnection
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carl-janitor-'))
  sshd = await startSshd()
  connection = await connect(sshd)
})
afterAll(async () => {
  connection.close()
  await connection.closed
  await sshd.stop()
  rmSync(folder, { recursive: true })
})

/** A stand-in for Docker with so many images and containers, on a socket of its own. */
async function startDocker(images: number, containers: number) {
  const socket = join(folder, `${images}-${containers}.sock`)
  const program = join(import.meta.dirname, 'test_stand_in_docker.py')
  const child = spawn('python3', ['-B', program, socket, String(images), String(containers)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const stop = async () => {
    child.stdin.end()
    await once(child, 'close')
  }
  return { socket, stop }
}

interface Asked {
  readonly mode: 'report' | 'plan' | 'apply'
  readonly options: Record<string, unknown>
  readonly approved?: ApprovedPlan
}

/** Carries Docker Janitor to a node over real SSH and gives all that it says. */
async function perform({ mode, options, approved }: Asked) {
  const text = JSON.stringify(approved)
  const order = orderFor('', {
    payload: entry.payload,
    timeoutS: entry.manifest.timeoutS.default,
    configure: async () => ({
      run: {
        id: 'exe_test',
        mode,
        dryRun: false,
        timeoutS: entry.manifest.timeoutS.default,
        sentAt: Date.now() / 1_000,
        elevation: 'none',
      },
      node: { id: 'nod_test', name: 'test' },
      ...(approved ? { approval: { text, sha256: createHash('sha256').update(text).digest('hex') } } : {}),
      options: entry.checkOptions({ stats: false, aside_dir: join(folder, 'aside'), ...options }),
      history: {},
      secrets: {},
    }),
  })
  const heard = listen(await launch(connection, order, launchTools))
  const end = await heard.ended
  const said = heard.frames.flatMap((frame) => (frame.t === 'ev' ? [{ kind: frame.k, ...frame.v }] : []))
  return { heard, end, messages: said.map((message) => agentMessage.parse(message)) }
}

const ofKind = <Kind extends AgentMessage['kind']>(messages: readonly AgentMessage[], kind: Kind) =>
  messages.filter((message): message is Extract<AgentMessage, { kind: Kind }> => message.kind === kind)

const approve = (actions: readonly ProposedAction[]): ApprovedPlan => ({
  v: 1,
  approvalId: 'apr_test',
  nodeId: 'nod_test',
  hostKey: 'SHA256:test',
  agentId: 'docker-janitor',
  bundleSha256: entry.agent.bundleSha256,
  dryRun: false,
  expiresAt: Date.now() / 1_000 + 600,
  actions: actions.map(({ aid, order, readAt }) => ({ aid, order, readAt, confirmedName: null })),
})

describe('Docker Janitor on a node', () => {
  test('everything it says is what the contract allows: as a report, as a plan, and as it makes the changes', async () => {
    const docker = await startDocker(30, 5)
    try {
      const options = { socket: docker.socket, keep_last: 0 }
      const report = await perform({ mode: 'report', options })
      expect(report.end).toMatchObject({
        kind: 'ended',
        frame: { code: 0, sig: null, why: null, strays: 0, left: [] },
      })
      expect([report.heard.stdout(), report.heard.stderr(), report.heard.noise]).toEqual(['', '', []])
      expect(report.messages.slice(-2).map(({ kind }) => kind)).toEqual(['data', 'result'])
      expect(ofKind(report.messages, 'action')).toEqual([])
      for (const { key } of ofKind(report.messages, 'history')) expect(entry.manifest.history).toContain(key)

      const plan = await perform({ mode: 'plan', options })
      const actions = ofKind(plan.messages, 'action').map(({ action }) => action)
      expect(actions).toHaveLength(25)

      const apply = await perform({ mode: 'apply', options, approved: approve(actions.slice(0, 2)) })
      const states = ofKind(apply.messages, 'action_result').map(({ result }) => result.state)
      expect(states).toEqual(['started', 'done', 'started', 'done'])
      const changes = ofKind(apply.messages, 'exec').filter(({ argv }) => argv[1] === 'DELETE')
      expect(changes.map(({ argv }) => argv[2])).toEqual(
        actions
          .slice(0, 2)
          .map(({ order }) => `/v1.45/images/${'id' in order.target ? order.target.id : ''}`),
      )
    } finally {
      await docker.stop()
    }
  })

  test('what was approved for another program is not begun', async () => {
    const docker = await startDocker(4, 1)
    try {
      const options = { socket: docker.socket, keep_last: 0 }
      const plan = await perform({ mode: 'plan', options })
      const actions = ofKind(plan.messages, 'action').map(({ action }) => action)
      const approved = { ...approve(actions), bundleSha256: 'f'.repeat(64) }
      const { end, messages } = await perform({ mode: 'apply', options, approved })
      expect(end).toMatchObject({ kind: 'ended', frame: { code: 1 } })
      expect(ofKind(messages, 'action_result')).toEqual([])
    } finally {
      await docker.stop()
    }
  })

  test('it makes changes of every kind that its manifest names, and of no other', async () => {
    const folders = [import.meta.dirname, resolve(import.meta.dirname, '../kit')]
    const told = 'import agent, json; print(json.dumps([agent.SUDO, list(agent.ACTIONS)]))'
    const { stdout } = await run('python3', ['-B', '-c', told], {
      env: {
        PATH: process.env['PATH'],
        PYTHONPATH: [...folders, join(folders[1] ?? '', 'stand_in')].join(':'),
      },
    })
    const { sudo, actions } = entry.manifest
    expect(JSON.parse(stdout)).toEqual([sudo.map(({ argv }) => argv), actions])
  })

  test('without a Docker it says so and all is well', async () => {
    const { end, messages } = await perform({ mode: 'plan', options: { socket: join(folder, 'none.sock') } })
    expect(end).toMatchObject({ kind: 'ended', frame: { code: 0 } })
    expect(ofKind(messages, 'finding').map(({ finding }) => finding.id)).toEqual(['docker.absent'])
    expect(messages.at(-1)).toMatchObject({ kind: 'result', status: 'ok', gaps: [] })
  })
})
