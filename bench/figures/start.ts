import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startBareNode } from '../bare-node.ts'
import { median, takeTurns } from '../measure.ts'
import { startProduct } from '../product.ts'
import { type Figure, judge, ms, type Row } from '../report.ts'
import type { Bench } from '../stage.ts'
import { peer } from './execution.ts'

/** From nothing to the first answer, and from the trigger of a trivial agent until everything of it is stored. */
export async function start(bench: Bench): Promise<Figure> {
  const known = join(bench.folder, 'start')
  mkdirSync(known)
  let made = 0
  const fresh = () => {
    const folder = join(bench.folder, `start-${++made}`)
    mkdirSync(folder)
    return folder
  }
  const starts = await takeTurns(
    [
      { name: 'start', perform: () => upMs(known) },
      { name: 'first start', perform: () => upMs(fresh()) },
      { name: 'bare Node', perform: bareMs },
    ],
    { rounds: bench.isQuick ? 2 : 7, quiet: bench.quiet.wait, say: bench.say },
  )

  const stage = await bench.stage()
  const first = stage.nodeIds.slice(0, 1)
  const ssh = peer(stage)
  await stage.execute('bench-trivial', first)
  const triggers = await takeTurns(
    [
      { name: 'trigger', perform: () => stage.execute('bench-trivial', first) },
      { name: 'node alone', perform: ssh.warm },
    ],
    { rounds: bench.isQuick ? 3 : 15, quiet: bench.quiet.wait, say: bench.say },
  )
  const of = (timings: typeof starts, name: string) => median(timings.get(name) ?? [])
  const beside = `bare Node: ${ms(of(starts, 'bare Node'))}`
  const startRow = (what: string, name: string): Row => {
    const value = of(starts, name)
    return { what, carl: ms(value), beside, comes: '', ...judge(value, { atMost: 1_500, unit: 'ms' }) }
  }
  const over = of(triggers, 'trigger') - of(triggers, 'node alone')
  return {
    title: 'Start, and trigger to finished',
    rows: [
      startRow('Start to the first HTTP 200', 'start'),
      startRow('The same with an empty data folder', 'first start'),
      {
        what: 'Trigger to finished, trivial agent, everything stored',
        carl: ms(of(triggers, 'trigger')),
        beside: `the script over a control socket: ${ms(of(triggers, 'node alone'))}`,
        comes: `${ms(over)} on top`,
        ...judge(over, { atMost: 150, unit: 'ms on top' }),
      },
    ],
    notes: ['Program files are in the memory of the system, as after the first start of a day.'],
  }
}

async function upMs(folder: string): Promise<number> {
  const product = await startProduct(folder)
  await product.stop()
  return product.upMs
}

async function bareMs(): Promise<number> {
  const begun = performance.now()
  const bare = await startBareNode('{}')
  await (await fetch(bare.url)).text()
  const took = performance.now() - begun
  await bare.stop()
  return took
}
