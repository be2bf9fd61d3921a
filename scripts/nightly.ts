import { parseArgs } from 'node:util'
import { containerdStore } from './nightly/containerd-store.ts'
import { image } from './nightly/image.ts'
import { journeys } from './nightly/journeys.ts'
import { kills } from './nightly/kills.ts'
import { pages } from './nightly/pages.ts'
import type { Part } from './nightly/part.ts'
import { proxies } from './nightly/proxies.ts'
import { pythons } from './nightly/pythons.ts'
import { visual } from './nightly/visual.ts'
import { virtualMachine } from './nightly/virtual-machine.ts'
import { zones } from './nightly/zones.ts'

/**
 * What takes too long for `npm test`. `npm run nightly` does all of it, `npm run nightly -- --only zones,pythons` some.
 * What cannot be done on this machine is named, and fails nothing; the last line says how it went.
 */
const parts: Readonly<Record<string, Part>> = {
  zones,
  pythons,
  'containerd-store': containerdStore,
  'virtual-machine': virtualMachine,
  image,
  proxies,
  journeys,
  kills,
  pages,
  visual,
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    /** Of the zones: how many made-up expressions, the seed they are made of, and one zone instead of all. */
    crons: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    zone: { type: 'string', multiple: true, default: [] },
  },
})
const wanted = values.only?.split(',') ?? Object.keys(parts)
const unknown = wanted.filter((name) => !(name in parts))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no part ${unknown.join(', ')}. There are: ${Object.keys(parts).join(', ')}.\n`,
  )
  process.exit(64)
}

let failed = 0
for (const name of wanted) {
  process.stdout.write(`\n── ${name}\n`)
  const begin = performance.now()
  const told = await (parts[name] as Part)({
    crons: Number(values.crons),
    seed: Number(values.seed),
    zones: values.zone,
    say: (line) => void process.stdout.write(`${line}\n`),
  })
  for (const line of told.notDone) process.stdout.write(`not done: ${line}\n`)
  failed += told.failed
  const minutes = ((performance.now() - begin) / 60_000).toFixed(1)
  process.stdout.write(`── ${name}: ${told.failed === 0 ? 'ok' : `${told.failed} failed`}, ${minutes} min\n`)
}
process.stdout.write(failed === 0 ? 'The night was quiet.\n' : `${failed} failed\n`)
process.exitCode = failed > 0 ? 1 : 0
