import { styleText } from 'node:util'
import type { Config } from '../config.ts'
import { connectTo, findServer } from './client.ts'
import { exitCodes } from './problem.ts'

const done = (text: string): number => {
  process.stdout.write(`${styleText('green', '✓', { stream: process.stdout })} ${text}\n`)
  return exitCodes.ok
}

/** `carl samples add`: made-up nodes to look around in, which nobody contacts. */
export async function addSamples(config: Config): Promise<number> {
  await connectTo(findServer(process.env, config)).samples.add({})
  return done('Sample data is in. `carl samples remove` takes all of it out again.')
}

/** `carl samples remove`: as if they had never been there, but for a line in the audit trail. */
export async function removeSamples(config: Config): Promise<number> {
  await connectTo(findServer(process.env, config)).samples.remove({})
  return done('There is no sample data any more.')
}
