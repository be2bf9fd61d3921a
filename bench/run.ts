import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ansible } from './figures/ansible.ts'
import { cleanUp } from './figures/clean-up.ts'
import { costs } from './figures/costs.ts'
import { drill } from './figures/drill.ts'
import { execution } from './figures/execution.ts'
import { explanations } from './figures/explanations.ts'
import { frames } from './figures/frames.ts'
import { janitor } from './figures/janitor.ts'
import { latency } from './figures/latency.ts'
import { lists } from './figures/lists.ts'
import { memory } from './figures/memory.ts'
import { schedules } from './figures/schedules.ts'
import { start } from './figures/start.ts'
import { web } from './figures/web.ts'
import { createQuiet } from './quiet.ts'
import { describeMachine, type Figure, fillIn, toMarkdown } from './report.ts'
import { type Bench, openBench } from './stage.ts'

/**
 * `npm run bench`: measures everything in one run and writes the table in bench/README.md. Figures are told, never
 * asserted: on a shared machine a figure that misses its bar once is no bug.
 */
const figures: Readonly<Record<string, (bench: Bench) => Promise<Figure>>> = {
  execution,
  ansible,
  latency,
  start,
  lists,
  memory,
  costs,
  explanations,
  janitor,
  'clean-up': cleanUp,
  drill,
  schedules,
  web,
  frames,
}

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, quick: { type: 'boolean', default: false } },
})
const wanted = values.only ?? Object.keys(figures)
const unknown = wanted.filter((name) => !Object.hasOwn(figures, name))
if (unknown.length > 0) {
  console.error(`No figure is called ${unknown.join(', ')}. There are: ${Object.keys(figures).join(', ')}.`)
  process.exit(2)
}

const say = (line: string) => console.error(line)
const quiet = createQuiet({ patienceMs: values.quick ? 1_000 : 4_000 })
const bench = openBench({ quiet, isQuick: values.quick, say })
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    say('Stopping and cleaning up…')
    void bench.close().finally(() => process.exit(130))
  })
}

try {
  const measured: Figure[] = []
  for (const name of wanted) {
    say(`\n${name}`)
    try {
      const figure = await figures[name]?.(bench)
      if (!figure) continue
      measured.push(figure)
      console.log(`\n${toMarkdown([figure])}`)
    } catch (error) {
      if (bench.isClosing()) break
      // What the others take minutes for is not thrown away.
      console.error(`${name} could not be measured:`, error)
      process.exitCode = 1
    }
  }
  const { asked, noisy } = quiet.tally()
  const noise =
    noisy === 0
      ? 'The machine was quiet whenever a round began.'
      : `**The machine was busy with other things at ${noisy} of ${asked} rounds**: trust ratios, not milliseconds.`
  const head = `Measured on ${new Date().toISOString().slice(0, 10)}: ${describeMachine([ofSsh(), ofAnsible()])}. ${noise}`
  say(`\n${head}`)
  // Only a whole run belongs together: figures of two runs cannot be compared.
  if (values.only || values.quick || process.exitCode)
    say('bench/README.md is left as it was: that takes a whole run.')
  else keep(`${head}\n\n${toMarkdown(measured)}`)
} finally {
  await bench.close()
}

/** Writes the figures into the README of this folder, formatted as every file here is. */
function keep(text: string): void {
  const readme = join(import.meta.dirname, 'README.md')
  fillIn(readme, text)
  execFileSync('npx', ['--no-install', 'biome', 'format', '--write', readme])
}

function ofSsh(): string {
  const pair = execFileSync('sh', ['-c', 'ssh -V 2>&1'], { encoding: 'utf8' })
  return (/^OpenSSH_[\d.p]+/.exec(pair)?.[0] ?? 'OpenSSH').replace('_', ' ')
}

function ofAnsible(): string {
  const text = execFileSync('ansible', ['--version'], { encoding: 'utf8' })
  return `Ansible ${/core ([\d.]+)/.exec(text)?.[1] ?? ''}`
}
