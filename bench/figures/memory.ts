import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { agentId, type ExecutionId, type NodeId } from '../../contract/ids.ts'
import { createLogs } from '../../server/executions/log.ts'
import { systemClock } from '../../server/lib/clock.ts'
import { createLogger } from '../../server/lib/logger.ts'
import { openListener } from '../listener.ts'
import { addNodes, type Product, readResident, startProduct } from '../product.ts'
import { type Figure, judge, mb, type Row } from '../report.ts'
import type { Bench } from '../stage.ts'

/** How long a server that was just started is left alone before it counts as at rest. */
const settleMs = 10_000
const gigabyte = 1_073_741_824

/** Resident memory of the server process: at rest, and at its most while a log of one gigabyte is made and read. */
export async function memory(bench: Bench): Promise<Figure> {
  const { ssh } = await bench.stage()
  const folder = join(bench.folder, 'memory')
  mkdirSync(folder)
  let product = await startProduct(folder)
  /** The most it ever had since it started, as the kernel counts it: nothing between two samples is missed. */
  const peakBytes = () => readResident(product.pid, 'VmHWM')
  bench.later(() => product.stop())
  const ids = await addNodes(product, { ...ssh, nodes: ssh.nodes.slice(0, 1) })
  await restart()
  const rest = product.residentBytes()

  bench.say('An agent prints a gigabyte…')
  const { id } = await flood({ print_mib: bench.isQuick ? 256 : 1_024 })
  const printed = peakBytes()
  await restart()
  bench.say('An agent says as many messages as it may…')
  await flood({ print_mib: 0, messages: 20_000 })
  const said = peakBytes()

  // The agent's words are bounded on the node; a log of a gigabyte takes many words of a server that runs for long.
  bench.say('A log of a gigabyte is written…')
  await product.stop()
  await writeLog(join(folder, 'logs'), id, bench.isQuick ? gigabyte / 8 : gigabyte)
  product = await startProduct(folder)
  await sleep(settleMs)
  bench.say('… and read, as a download and over the live socket')
  await download(product, id)
  await follow(product, id)
  const read = peakBytes()

  async function restart(): Promise<void> {
    await product.stop()
    product = await startProduct(folder)
    await sleep(settleMs)
  }

  /** Runs the agent while somebody watches its log. */
  async function flood(options: Record<string, unknown>): Promise<{ id: ExecutionId }> {
    const listener = await openListener(product)
    try {
      const body = { agentId: agentId.parse('bench-flood'), targets: ids as NodeId[], options }
      const { executions } = await product.client.executions.start({ body })
      const [started] = executions
      if (!started) throw new Error('nothing was started')
      const leave = listener.listen(`log:${started.id}`, () => {})
      const state = await listener.ending(started.id)
      leave()
      if (state !== 'succeeded') throw new Error(`bench-flood ${state}`)
      return started
    } finally {
      listener.close()
    }
  }

  const row = (what: string, bytes: number, atMost: number): Row => ({
    what,
    carl: mb(bytes),
    beside: '',
    comes: '',
    ...judge(bytes / 1e6, { atMost, unit: 'MB' }),
  })
  return {
    title: 'Resident memory of the server',
    rows: [
      row('At rest', rest, 120),
      row('At most, while an agent prints 1 GB and a client follows', printed, 250),
      row('At most, while an agent says 20,000 messages of 4 kB', said, 250),
      row('At most, while a log of 1 GB is downloaded and followed', read, 250),
    ],
    notes: [
      `The built server as a process of its own, ${settleMs / 1_000} s after its start. What it had at most is the kernel’s own count (VmHWM), the start included.`,
    ],
  }
}

/** A finished log of so many bytes in place of what an execution said. */
async function writeLog(folder: string, id: ExecutionId, bytes: number): Promise<void> {
  const logs = createLogs({
    folder,
    clock: systemClock,
    logger: createLogger('silent'),
    limits: { logBytes: 2 * bytes },
  })
  const log = await logs.writer(id)
  const at = new Date().toISOString()
  for (let written = 0, line = 0; written < bytes; line++) {
    const text = `${line} ${Math.random().toString(36).repeat(90)}`.slice(0, 1_000)
    log.append({ at, stream: 'out', level: 'info', text, message: null, q: null })
    written += text.length + 90
  }
  await log.finish()
  await logs.close()
}

async function download({ url, headers }: Product, id: ExecutionId): Promise<void> {
  const reply = await fetch(`${url}/api/v1/executions/${id}/log.txt`, { headers })
  if (!reply.ok || !reply.body) throw new Error(`the log could not be downloaded: HTTP ${reply.status}`)
  for await (const _ of reply.body) {
    // Only its arrival counts.
  }
}

async function follow(product: Product, id: ExecutionId): Promise<void> {
  const listener = await openListener(product)
  await new Promise<void>((resolve) => {
    listener.listen(`log:${id}`, ({ type }) => {
      if (type === 'complete') resolve()
    })
  })
  listener.close()
}
