import { parseArgs } from 'node:util'
import { toMessage } from '../server/lib/errors.ts'
import { randomFrom } from '../testbed/worlds.ts'
import { faults } from './chaos/faults.ts'
import type { Verdict } from './chaos/fault.ts'
import { tested, untried } from './chaos/tested.ts'
import { createWorld } from './chaos/world.ts'

/**
 * `npm run chaos`: breaks the built product in every way that the reliability promise names and no test covers yet, and
 * holds each time against one list of rules that nothing is lost. What is a test already is named with its file. What
 * cannot be done on this machine is named too, and fails nothing.
 */
const { values } = parseArgs({
  options: {
    /** Names of faults, with commas between; all otherwise. */
    only: { type: 'string' },
    /** Of everything random; printed first. */
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** How often what is random is done. */
    rounds: { type: 'string', default: '12' },
    /** Names the faults, and does nothing. */
    list: { type: 'boolean', default: false },
  },
})
// Whoever is told to stop still ends the servers it started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const say = (line: string) => void process.stdout.write(`${line}\n`)

const wanted = values.only?.split(',') ?? faults.map(({ name }) => name)
const unknown = wanted.filter((name) => !faults.some((fault) => fault.name === name))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no fault ${unknown.join(', ')}. There are: ${faults.map(({ name }) => name).join(', ')}.\n`,
  )
  process.exit(64)
}

if (values.list || values.only === undefined) {
  say('Already tests:')
  for (const { what, files } of tested) say(`  ${what}: ${files.join(', ')}`)
}
if (values.list) {
  say('Done here:')
  for (const { name, promise, how } of faults) say(`  ${name}: ${promise} (${how})`)
  process.exit(0)
}

const seed = Number(values.seed)
say(`Seed ${seed}`)
let failed = 0
for (const fault of faults.filter(({ name }) => wanted.includes(name))) {
  const begin = performance.now()
  // A world of its own for each, with the same chances whatever ran before.
  const world = await createWorld(randomFrom(seed))
  let verdict: Verdict
  try {
    const options = { rounds: Number(values.rounds), say: (line: string) => say(`   ${line}`) }
    verdict = await fault.run(world, options)
  } catch (error) {
    verdict = { kind: 'lost', what: [`it could not be done to the end: ${toMessage(error)}`] }
  } finally {
    await world.close()
  }
  const seconds = ((performance.now() - begin) / 1_000).toFixed(0)
  failed += verdict.kind === 'lost' ? 1 : 0
  tell(fault.name, verdict, seconds)
}
if (values.only === undefined) for (const { what, why } of untried) say(`${what}: not done: ${why}`)
say(
  failed === 0
    ? 'Nothing was lost.'
    : `${failed} of ${wanted.length} lost something; again with --seed ${seed}`,
)
process.exit(failed > 0 ? 1 : 0)

function tell(name: string, verdict: Verdict, seconds: string): void {
  const told = verdict.kind !== 'not-done' && verdict.told ? ` (${verdict.told})` : ''
  switch (verdict.kind) {
    case 'held':
      say(`${name}: nothing lost${told}, ${seconds} s`)
      break
    case 'not-done':
      say(`${name}: not done: ${verdict.why}`)
      break
    case 'lost':
      say(`${name}: LOST${told}, ${seconds} s`)
      for (const what of verdict.what.slice(0, 20)) say(`   ${what}`)
      if (verdict.what.length > 20) say(`   and ${verdict.what.length - 20} more`)
  }
}
