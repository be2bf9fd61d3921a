import type { ServerFrame } from '../../contract/live.ts'
import { agentId } from '../../contract/ids.ts'
import { median, quantile } from '../measure.ts'
import { type Figure, judge, ms, type Row } from '../report.ts'
import type { Bench, Stage } from '../stage.ts'

/** How long a line takes from `print` on the node to a client of the live socket. */
export async function latency(bench: Bench): Promise<Figure> {
  const stage = await bench.stage()
  const [first] = stage.nodeIds
  if (!first) throw new Error('there are no nodes')
  await stage.execute('bench-trivial', [first])
  const delays = new Map<string, number[]>()
  for (let round = 0; round < (bench.isQuick ? 1 : 3); round++) {
    for (const agent of ['bench-ticker', 'bench-ticker-resumable']) {
      await bench.quiet.wait()
      delays.set(agent, [...(delays.get(agent) ?? []), ...(await delaysOf(stage, agent, 300))])
    }
  }
  const rows = (agent: string, what: string): Row[] => {
    const all = delays.get(agent) ?? []
    const middle = median(all)
    const slowest = quantile(all, 0.99)
    const row = (name: string, value: number, atMost: number): Row => ({
      what: `${what}, ${name} of ${all.length}`,
      carl: ms(value),
      beside: '',
      comes: '',
      ...judge(value, { atMost, unit: 'ms' }),
    })
    return [row('median', middle, 15), row('p99', slowest, 50)]
  }
  return {
    title: 'A line, from the node to a client of the live socket',
    rows: [
      ...rows('bench-ticker', 'Line of an agent'),
      ...rows('bench-ticker-resumable', 'Line of a resumable agent'),
    ],
    notes: [
      'An agent prints a line with the time every 23 ms; the client takes the time when the frame arrives. Node, server and client share one clock.',
    ],
  }
}

async function delaysOf(
  { product, listener, nodeIds }: Stage,
  agent: string,
  lines: number,
): Promise<number[]> {
  const now = wallClock()
  const delays: number[] = []
  const body = { agentId: agentId.parse(agent), targets: nodeIds.slice(0, 1), options: { lines } }
  const { executions } = await product.client.executions.start({ body })
  const [started] = executions
  if (!started) throw new Error('nothing was started')
  const { promise: complete, resolve } = Promise.withResolvers<void>()
  const hear = (frame: ServerFrame) => {
    const at = now()
    if (frame.type === 'complete') resolve()
    if (frame.type !== 'log') return
    for (const { stream, text } of frame.entries) {
      const tick = stream === 'out' ? /^tick (\d+\.\d+)/.exec(text) : null
      if (tick) delays.push(at - Number(tick[1]) * 1_000)
    }
  }
  const leave = listener.listen(`log:${started.id}`, hear)
  await complete
  leave()
  const state = await listener.ending(started.id)
  if (state !== 'succeeded' || delays.length !== lines) {
    throw new Error(`${agent} ${state} with ${delays.length} of ${lines} lines`)
  }
  return delays
}

/** Unix milliseconds with fractions, set by the very moment at which the system's clock steps to the next one. */
function wallClock(): () => number {
  const from = Date.now()
  let stepped = from
  while (stepped === from) stepped = Date.now()
  const offset = stepped - performance.now()
  return () => performance.now() + offset
}
