import { styleText } from 'node:util'
import type { Config } from '../config.ts'
import { fail } from '../lib/errors.ts'
import { toOneLine } from '../lib/printable.ts'
import { connectTo, findServer } from './client.ts'
import { exitCodes } from './problem.ts'

/** `carl test-channel`: sends a test message by a channel, or by each that is switched on. Throws `channel.not_found`. */
export async function testChannel(name: string | undefined, json: boolean, config: Config): Promise<number> {
  const client = connectTo(findServer(process.env, config))
  const { channels } = await client.notifications.get()
  const wanted = channels.filter((channel) => (name === undefined ? channel.enabled : channel.name === name))
  if (wanted.length === 0) {
    throw fail('channel.not_found', { detail: name === undefined ? 'No channel is switched on.' : '' })
  }
  const results = []
  for (const { id, name: tried } of wanted) {
    const trial = await client.notifications.testChannel({ params: { id }, body: {} })
    results.push({ name: tried, ...trial })
  }
  if (json) process.stdout.write(`${JSON.stringify(results)}\n`)
  else for (const result of results) process.stdout.write(`${lineOf(result)}\n`)
  return results.every(({ isSent }) => isSent) ? exitCodes.ok : exitCodes.failed
}

interface Result {
  readonly name: string
  readonly problem: { readonly title: string; readonly detail: string; readonly fix: string } | null
  readonly durationMs: number
}

function lineOf({ name, problem, durationMs }: Result): string {
  const shown = toOneLine(name, 100)
  if (!problem) return `${styleText('green', '✓')} ${shown}: taken by the other side in ${durationMs} ms.`
  return `${styleText('red', '✗')} ${shown}: ${problem.title}. ${toOneLine(problem.detail)} ${problem.fix}`
}
