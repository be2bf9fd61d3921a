import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { NodeId } from '../../contract/ids.ts'
import type { NodeCreate } from '../../contract/nodes.ts'
import { activeStates } from '../../contract/execution-states.ts'
import type { Driver } from '../../testbed/house.ts'
import { answerFromTitles, startModelProvider } from '../../testbed/model-provider.ts'
import { untilSeen } from '../../testbed/processes.ts'
import { startSshd } from '../../testbed/sshd.ts'
import { startTcpProxy } from '../../testbed/tcp-proxy.ts'
import { atExit } from './at-exit.ts'
import { layOutAgents } from './agents.ts'
import { lostOf } from './check/rules.ts'
import { leftOn, readFolder } from './check/read.ts'
import { type BuiltServer, isRefusal, openServer, type OpenOptions, type Refusal } from './server.ts'
import { createWitness, type Witness } from './witness.ts'

/** How long each may take to end once a fault is over, milliseconds: a run whose link broke is looked for for three minutes. */
const endsWithinMs = 300_000
/** A schedule that is due sooner than this would begin something while its server stops, milliseconds. */
const dueSoonMs = 10_000

/** One data folder that faults are done to, with all that is known of it from outside. */
export interface Place {
  readonly folder: string
  readonly witness: Witness
  /** Where agents leave a line for each time that they began. */
  readonly marksFile: string
  /** Questions that had reached the model before. */
  readonly callsBefore: number
}

/** A server of either kind, as far as it matters here. */
type Used = Pick<BuiltServer, 'drive' | 'stop'>

/**
 * What faults happen to: two real SSH servers as nodes, the second behind a link that can be broken, a program that plays
 * a model, and built servers on folders of their own.
 */
export async function createWorld(random: () => number) {
  const work = mkdtempSync(join(tmpdir(), 'carl-chaos-'))
  const callOff = atExit(() => rmSync(work, { recursive: true, force: true }))
  const nas = await startSshd()
  const pi = await startSshd()
  const link = await startTcpProxy(() => pi.port)
  const provider = await startModelProvider({ answer: answerFromTitles })
  const agents = join(work, 'agents')
  layOutAgents(agents)
  const servers = new Set<BuiltServer>()
  let places = 0

  const inWork = (name: string) => join(work, `${++places}-${name}`)

  async function tryOpen(folder: string, options: OpenOptions = {}): Promise<BuiltServer | Refusal> {
    const opened = await openServer(folder, {
      ...options,
      env: { MODEL_STAND_IN: provider.url, AGENTS_DIR: agents, ...options.env },
    })
    if (!isRefusal(opened)) servers.add(opened)
    return opened
  }

  async function open(folder: string, options?: OpenOptions): Promise<BuiltServer> {
    const opened = await tryOpen(folder, options)
    if (isRefusal(opened)) throw new Error(`the server did not start (${opened.status}):\n${opened.said}`)
    return opened
  }

  /** A folder with two nodes and a model, made once and copied for each fault. */
  async function prepare(): Promise<string> {
    const folder = inWork('prepared')
    const server = await open(folder)
    const { drive } = server
    await drive.allowLoopback()
    await drive.addNode(nas, { name: 'nas' })
    await drive.addNode(pi, { name: 'pi', port: link.port } satisfies Partial<NodeCreate>)
    const { setup } = await drive.client.ai.get({})
    await drive.client.ai.setUp({
      body: { ...setup, driver: 'anthropic', explain: { ...setup.explain, windowS: 0 } },
    })
    await server.stop()
    return folder
  }
  const prepared = await prepare()

  /** A fresh place for a fault, on a folder that is given or one of its own. */
  function newPlace(folder = inWork('data')): Place {
    cpSync(prepared, folder, { recursive: true })
    return {
      folder,
      witness: createWitness(),
      marksFile: inWork('marks'),
      callsBefore: provider.requests.length,
    }
  }

  /** The same place after a copy of its folder took over. */
  const moved = (place: Place, folder: string): Place => ({ ...place, folder })

  /** Lets everything end, in order, with nothing broken any more. Stops the server. */
  async function settle(server: Used): Promise<void> {
    await untilQuiet(server)
    const { items } = await server.drive.client.executions.list({ query: { limit: 200 } })
    const ids = items.map(({ id }) => id)
    for (const id of ids) await server.drive.untilComplete(id).catch(() => {})
    // That nodes may forget it is told them after everything else.
    await untilSeen('the end of their records', () => leftOn(ids).length === 0).catch(() => {})
    await untilQuiet(server)
    await server.stop()
  }

  /** Resolves once nothing is under way or about to begin, or when something is for too long: a rule will say so. */
  async function untilQuiet({ drive }: Used): Promise<void> {
    let seenAt = new Map<string, number>()
    for (;;) {
      // In this order: what begins in between is seen by the second look.
      const due = await dueSoon(drive)
      const ids = [...due, ...(await underWay(drive))]
      if (ids.length === 0) return
      const now = Date.now()
      seenAt = new Map(ids.map((id) => [id, seenAt.get(id) ?? now]))
      if ([...seenAt.values()].some((at) => now - at > endsWithinMs)) return
      await sleepFor(200)
    }
  }

  /** Everything that is lost in a place, whose server has ended. */
  async function check(place: Place, placesOfNodes: readonly string[] = []): Promise<string[]> {
    const { witness, marksFile, callsBefore, folder } = place
    const marks = existsSync(marksFile) ? readFileSync(marksFile, 'utf8').split('\n').filter(Boolean) : []
    const known = {
      runs: witness.runs,
      cancels: witness.cancels,
      schedules: witness.schedules,
      changes: witness.changes,
      marks,
      callsMade: provider.requests.length - callsBefore,
    }
    return lostOf(await readFolder(folder, placesOfNodes), known)
  }

  /** Starts a place again, lets everything end, and says what is lost. */
  async function settleAndCheck(place: Place, options?: OpenOptions): Promise<string[]> {
    const opened = await tryOpen(place.folder, options)
    if (isRefusal(opened)) return [`the server does not start any more (${opened.status}): ${opened.said}`]
    await settle(opened)
    return check(place)
  }

  async function close(): Promise<void> {
    for (const server of servers) if (!server.isOver()) await server.kill()
    link.resume()
    await link.close()
    await Promise.all([nas.stop(), pi.stop(), provider.stop()])
    callOff()
    rmSync(work, { recursive: true, force: true })
  }

  return {
    random,
    nas,
    pi,
    link,
    provider,
    work,
    inWork,
    tryOpen,
    open,
    newPlace,
    moved,
    settle,
    check,
    settleAndCheck,
    close,
  }
}
export type World = Awaited<ReturnType<typeof createWorld>>

/** Executions that have not ended, and calls whose price is not known yet. */
async function underWay({ client }: Driver): Promise<string[]> {
  const found: string[] = []
  for (const state of activeStates) {
    const { items } = await client.executions.list({ query: { state, limit: 200 } })
    found.push(...items.map(({ id }) => id))
  }
  const { items } = await client.costs.calls({ query: { state: 'reserved', limit: 100 } })
  return [...found, ...items.map(({ id }) => id)]
}

async function dueSoon({ client }: Driver): Promise<string[]> {
  const { items } = await client.schedules.list({ query: { limit: 50 } })
  return items
    .filter(({ nextAt }) => nextAt !== null && Date.parse(nextAt) - Date.now() < dueSoonMs)
    .map(({ id }) => id)
}

/** Runs a program of this machine; rejects with what it said. */
export async function command(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args)
  return stdout
}

/** The id of a node by its name. */
export async function nodeNamed({ drive }: BuiltServer, name: string): Promise<NodeId> {
  const { items } = await drive.client.nodes.list({ query: { limit: 50 } })
  const found = items.find((node) => node.name === name)
  if (!found) throw new Error(`there is no node ${name}`)
  return found.id
}
