import { styleText } from 'node:util'
import { resolveTargets } from '../../contract/targets.ts'
import type { Config } from '../config.ts'
import { fail } from '../lib/errors.ts'
import { connectTo, findServer } from './client.ts'
import { exitCodes } from './problem.ts'

const marks = { ok: '✓', warning: '!', failed: '✗', skipped: '·' } as const
const colours = { ok: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' } as const

/** `carl doctor NODE`: goes through every step of reaching a node and names the one that fails, with its fix. */
export async function examineNode(name: string, json: boolean, config: Config): Promise<number> {
  const client = connectTo(findServer(process.env, config))
  const { items } = await client.nodes.list({ query: { search: name, limit: 200 } })
  const [node] = resolveTargets([name], items).nodes
  if (!node) throw fail('node.not_found', { detail: `No node is called ${name}.` })
  const report = await client.nodes.test({ params: { id: node.id } })
  if (json) {
    process.stdout.write(`${JSON.stringify(report)}\n`)
    return report.ok ? exitCodes.ok : exitCodes.failed
  }
  for (const { step, state, detail, ms, problem } of report.steps) {
    const mark = styleText(colours[state], marks[state])
    process.stdout.write(`${mark} ${step.padEnd(15)} ${detail} ${styleText('dim', `${Math.round(ms)} ms`)}\n`)
    if (problem) process.stdout.write(`  ${''.padEnd(15)} → ${problem.fix}\n`)
  }
  return report.ok ? exitCodes.ok : exitCodes.failed
}
