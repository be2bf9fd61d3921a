import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { agentId, type NodeId } from '../contract/ids.ts'
import { type Listener, openListener } from './listener.ts'
import { addNodes, type Product, startProduct } from './product.ts'
import type { Quiet } from './quiet.ts'
import { type SshNodes, startNodes } from './ssh-nodes.ts'

/** What the peers run, and the plain agent as well. */
export const plainScript = resolve(import.meta.dirname, 'agents/trivial-plain/agent.py')

/** Thirty nodes, the product that knows them, and somebody who listens. Built once, when the first figure wants it. */
export interface Stage {
  readonly ssh: SshNodes
  readonly product: Product
  readonly listener: Listener
  readonly nodeIds: readonly NodeId[]
  /** Triggers an agent over HTTP on some nodes and waits until all of it is finished and stored. */
  execute(agent: string, on: readonly NodeId[], options?: Record<string, unknown>): Promise<void>
}

/** What all figures share. */
export interface Bench {
  /** A folder for whatever; gone in the end. */
  readonly folder: string
  readonly quiet: Quiet
  readonly isQuick: boolean
  say(line: string): void
  stage(): Promise<Stage>
  /** Has something undone in the end, last things first. */
  later(undo: () => unknown): void
  /** Whether it is being cleaned up: somebody stopped it. */
  isClosing(): boolean
}

export const nodeCount = 30

interface BenchTools {
  readonly quiet: Quiet
  readonly isQuick: boolean
  readonly say: (line: string) => void
}

export function openBench({ quiet, isQuick, say }: BenchTools): Bench & { close(): Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), 'carl-bench-'))
  const undoing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  let stage: Promise<Stage> | undefined
  let closing: Promise<void> | undefined

  async function build(): Promise<Stage> {
    say(`Starting ${nodeCount} nodes and the server…`)
    const ssh = await startNodes(folder, nodeCount)
    undoing.push(ssh.stop)
    const dataFolder = join(folder, 'data')
    mkdirSync(dataFolder)
    const product = await startProduct(dataFolder)
    undoing.push(product.stop)
    const nodeIds = await addNodes(product, ssh)
    const listener = await openListener(product)
    undoing.push(listener.close)

    async function execute(agent: string, on: readonly NodeId[], options: Record<string, unknown> = {}) {
      const body = { agentId: agentId.parse(agent), targets: [...on], options }
      const { executions } = await product.client.executions.start({ body })
      const states = await Promise.all(executions.map(({ id }) => listener.ending(id)))
      const bad = states.findIndex((state) => state !== 'succeeded')
      if (bad < 0) return
      const { outcome, state } = await product.client.executions.get({ params: { id: executions[bad]!.id } })
      throw new Error(`${agent} ${state}: ${JSON.stringify(outcome)}`)
    }
    return { ssh, product, listener, nodeIds, execute }
  }

  async function undo(): Promise<void> {
    for (const step of undoing.reverse()) await step()
  }

  return {
    folder,
    quiet,
    isQuick,
    say,
    stage: () => (stage ??= build()),
    later: (step) => void undoing.push(step),
    isClosing: () => closing !== undefined,
    close: () => (closing ??= undo()),
  }
}
