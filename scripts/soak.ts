import { parseArgs } from 'node:util'
import { toMessage } from '../server/lib/errors.ts'
import { soak } from './chaos/soak.ts'

/**
 * `npm run soak -- --minutes 60`: a mix of load and faults on one folder for as long as it is told to, held against the
 * rules of `npm run chaos` again and again. Its seed comes first: with it the same mix is made again.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
// Whoever is told to stop still ends the servers it started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const say = (line: string) => void process.stdout.write(`${line}\n`)
say(`Seed ${values.seed}`)
try {
  const lost = await soak({ minutes: Number(values.minutes), seed: Number(values.seed), say })
  for (const what of lost.slice(0, 50)) say(`   ${what}`)
  say(lost.length === 0 ? 'Nothing was lost.' : `Something was lost; again with --seed ${values.seed}`)
  process.exit(lost.length === 0 ? 0 : 1)
} catch (error) {
  say(`It could not be done to the end: ${toMessage(error)}; again with --seed ${values.seed}`)
  process.exit(1)
}
