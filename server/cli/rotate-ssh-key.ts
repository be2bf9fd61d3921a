import { setTimeout as sleepFor } from 'node:timers/promises'
import { styleText } from 'node:util'
import { graceRuns } from '../../contract/key-terms.ts'
import type { NodeKey } from '../../contract/keys.ts'
import { resolveTargets } from '../../contract/targets.ts'
import type { Config } from '../config.ts'
import { fail } from '../lib/errors.ts'
import { toPrintable } from '../lib/printable.ts'
import { connectTo, findServer } from './client.ts'
import { exitCodes, printProblem } from './problem.ts'

export interface RotateSshKeyOptions {
  readonly removeUploaded: boolean
  readonly json: boolean
}

/** Between two looks at the rotation, milliseconds. */
const pollMs = 250

/**
 * `carl rotate-ssh-key NODE`: begins the rotation and watches it until the new key is in force. What follows, the grace
 * and the removal of the old line, the server does by itself.
 */
export async function rotateSshKey(
  name: string,
  { removeUploaded, json }: RotateSshKeyOptions,
  config: Config,
): Promise<number> {
  const client = connectTo(findServer(process.env, config))
  const { items } = await client.nodes.list({ query: { search: name, limit: 200 } })
  const [node] = resolveTargets([name], items).nodes
  if (!node) throw fail('node.not_found', { detail: `No node is called ${name}.` })
  const one = { params: { id: node.id } }
  let key = await client.keys.rotate({ ...one, body: { removesUploaded: removeUploaded } })
  for (let said = ''; !isSettled(key); ) {
    const step = key.rotation?.waitsForRun ? 'waits for the runs on the node' : (key.rotation?.step ?? '')
    if (!json && step !== said) process.stderr.write(`  ${step}\n`)
    said = step
    await sleepFor(pollMs)
    key = await client.keys.get(one)
  }
  if (json) process.stdout.write(`${JSON.stringify(key)}\n`)
  else print(key)
  return key.rotation?.activatedAt !== null && key.rotation?.step !== 'undone'
    ? exitCodes.ok
    : exitCodes.failed
}

/** The new key is in force, or it takes more than waiting. */
const isSettled = ({ rotation }: NodeKey): boolean =>
  rotation === null ||
  rotation.endedAt !== null ||
  rotation.step === 'grace' ||
  rotation.waitsForPerson ||
  rotation.retryAt !== null

function print({ nodeName, rotation }: NodeKey): void {
  if (!rotation) return
  const { problem, line, step, graceUntil, newFingerprint } = rotation
  if (problem) printProblem(problem)
  if (line !== null) process.stdout.write(`${toPrintable(line)}\n`)
  if (step !== 'grace' || !graceUntil) return
  const mark = styleText('green', '✓')
  process.stdout.write(
    `${mark} ${toPrintable(nodeName)} is opened by ${newFingerprint}.\n` +
      `  The old key goes after ${graceRuns} successful runs, or on ${graceUntil}.\n`,
  )
}
