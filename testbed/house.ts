import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { api, type CarlApi } from '../contract/api.ts'
import { type Client, createClient, tableOf } from '../contract/client.ts'
import { type Execution, isFinal, type LogEntry } from '../contract/executions.ts'
import { agentId, type ExecutionId } from '../contract/ids.ts'
import type { Node, NodeCreate } from '../contract/nodes.ts'
import { createAgentReader } from '../server/agents/agent-reader.ts'
import { connectTo, findServer } from '../server/cli/client.ts'
import { type Config, readConfig } from '../server/config.ts'
import { createHouse, type House, type HouseOverrides } from '../server/house.ts'
import { createLogger } from '../server/lib/logger.ts'
import type { TestSshd } from './sshd.ts'

/** Agents that behave as tests need them to. */
export const testAgents = resolve(import.meta.dirname, 'agents')

/** A configuration as `npm start` would read it, on a free port of the loopback address. */
export const testConfig = (folder: string, env: Record<string, string> = {}): Config =>
  readConfig({
    DATA_DIR: folder,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'silent',
    AGENTS_DIR: testAgents,
    ...env,
  })

/** What has to be known of an SSH server to make it a node. */
type Reachable = Pick<TestSshd, 'port' | 'username' | 'clientKey' | 'hostKey'>

/** What a test does with a server, wherever that runs: everything goes through the API. */
export interface Driver {
  /** Written out, because the whole API is more than the compiler writes down by itself. */
  readonly client: ReturnType<typeof connectTo>
  addNode(sshd: Reachable, wanted?: Partial<NodeCreate>): Promise<Node>
  allowLoopback(): Promise<void>
  run(agent: string, node: string, options?: Record<string, unknown>): Promise<Execution>
  get(id: ExecutionId): Promise<Execution>
  until(id: ExecutionId, isWanted: (execution: Execution) => boolean): Promise<Execution>
  untilEnded(id: ExecutionId): Promise<Execution>
  logOf(id: ExecutionId): Promise<LogEntry[]>
  printedBy(id: ExecutionId): Promise<string[]>
  untilLogged(id: ExecutionId, text: string): Promise<LogEntry>
  untilComplete(id: ExecutionId): Promise<void>
}

export function driver(connection: { url: string; token: string }): Driver {
  const client = connectTo(connection)

  /** Adds a real SSH server as a node whose key is confirmed. */
  async function addNode(sshd: Reachable, wanted: Partial<NodeCreate> = {}): Promise<Node> {
    const name = wanted.name ?? 'nas'
    const credential = await client.credentials.create({
      body: { kind: 'key', name: `key of ${name}`, privateKey: sshd.clientKey.reveal() },
    })
    const added = await client.nodes.create({
      body: {
        name,
        host: '127.0.0.1',
        port: sshd.port,
        username: sshd.username,
        credentialId: credential.id,
        allowedAgents: null,
        ...wanted,
      },
    })
    return client.nodes.confirmHostKey({ params: { id: added.id }, body: { ...sshd.hostKey } })
  }

  async function allowLoopback(): Promise<void> {
    await client.settings.change({ body: { allowedNetworks: ['127.0.0.0/8'], connectionsPerHour: 0 } })
  }

  /** Starts an agent on a node. */
  async function run(agent: string, node: string, options: Record<string, unknown> = {}): Promise<Execution> {
    const { executions } = await client.executions.start({
      body: { agentId: agentId.parse(agent), targets: [node], options },
    })
    return executions[0] as Execution
  }

  const get = (id: ExecutionId) => client.executions.get({ params: { id } })

  /** Resolves once an execution is as wanted; looks at most 1,200 times, 50 ms apart. */
  async function until(id: ExecutionId, isWanted: (execution: Execution) => boolean): Promise<Execution> {
    for (let turn = 0; turn < 1_200; turn++) {
      const execution = await get(id)
      if (isWanted(execution)) return execution
      if (isFinal(execution.state)) break
      await sleepFor(50)
    }
    const { state, outcome } = await get(id)
    throw new Error(`it is ${state}: ${JSON.stringify(outcome)}`)
  }

  const untilEnded = (id: ExecutionId) => until(id, ({ state }) => isFinal(state))

  /** Every entry of a log. */
  async function logOf(id: ExecutionId): Promise<LogEntry[]> {
    const entries: LogEntry[] = []
    for (;;) {
      const after = entries.at(-1)?.seq ?? 0
      const page = await client.executions.log({ params: { id }, query: { after, limit: 5_000 } })
      entries.push(...page.items)
      if (page.items.length === 0 || (entries.at(-1)?.seq ?? 0) >= page.lastSeq) return entries
    }
  }

  /** What the agent printed, line by line. */
  const printedBy = async (id: ExecutionId) =>
    (await logOf(id)).filter(({ stream }) => stream === 'out').map(({ text }) => text)

  /** Resolves once the log holds a text, with its entry. */
  async function untilLogged(id: ExecutionId, text: string): Promise<LogEntry> {
    for (let turn = 0; turn < 400; turn++) {
      const found = (await logOf(id)).find((entry) => entry.text.includes(text))
      if (found) return found
      await sleepFor(50)
    }
    throw new Error(`the log never said ${text}`)
  }

  /** Resolves once the log says that nothing will follow. */
  async function untilComplete(id: ExecutionId): Promise<void> {
    for (let turn = 0; turn < 400; turn++) {
      const page = await client.executions.log({ params: { id }, query: { after: 0, limit: 1 } })
      if (page.complete) return
      await sleepFor(50)
    }
    throw new Error('the log never was complete')
  }

  return {
    client,
    addNode,
    allowLoopback,
    run,
    get,
    until,
    untilEnded,
    logOf,
    printedBy,
    untilLogged,
    untilComplete,
  }
}

interface TestHouseOptions {
  readonly env?: Record<string, string>
  readonly overrides?: HouseOverrides
  /** Lays something into the data folder before the first start. */
  readonly prepare?: (folder: string) => void
}

/** Houses of one process share what they read of agents, which takes longer than all else of a start. */
const agentReader = createAgentReader()

/** The whole server, started in this process on a folder of its own. */
export async function testHouse({ env = {}, overrides = {}, prepare }: TestHouseOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'carl-house-'))
  prepare?.(folder)
  const config = testConfig(folder, env)
  let house: House
  let opened: Awaited<ReturnType<House['start']>>
  let drive: Driver

  async function open(): Promise<void> {
    house = await createHouse(config, { logger: createLogger('silent'), agentReader, ...overrides })
    opened = await house.start()
    drive = driver(findServer({}, config))
  }

  await open()
  await drive!.allowLoopback()

  return {
    folder,
    config,
    get house() {
      return house
    },
    get url() {
      return opened.url
    },
    get setupLink() {
      return opened.setupLink
    },
    get drive() {
      return drive
    },
    /** As somebody else: with another token, or none. */
    as: (token: string | null): Client<CarlApi> =>
      createClient({
        baseUrl: opened.url,
        table: tableOf(api),
        headers: token === null ? {} : { authorization: `Bearer ${token}` },
      }),
    /** Stops the server in order and starts it again. */
    restart: async (): Promise<void> => {
      await house.stop()
      await open()
    },
    close: async (): Promise<void> => {
      await house.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
export type TestHouse = Awaited<ReturnType<typeof testHouse>>
