import { resolveTargets } from '../../contract/targets.ts'
import type { Config } from '../config.ts'
import { fail } from '../lib/errors.ts'
import { type Check, printChecks } from './checks.ts'
import { connectTo, findServer } from './client.ts'
import { examineServer } from './doctor-server.ts'
import { exitCodes } from './problem.ts'

/**
 * `carl doctor [NODE]`: goes through every step of reaching a node, or through the place this server runs in, and
 * names what fails, with its fix.
 */
export async function doctor(node: string | undefined, json: boolean, config: Config): Promise<number> {
  const checks = node === undefined ? await examineServer(config) : await examineNode(node, config)
  if (json) process.stdout.write(`${JSON.stringify(checks)}\n`)
  else printChecks(checks)
  return checks.some(({ state }) => state === 'failed') ? exitCodes.failed : exitCodes.ok
}

async function examineNode(name: string, config: Config): Promise<Check[]> {
  const client = connectTo(findServer(process.env, config))
  const { items } = await client.nodes.list({ query: { search: name, limit: 200 } })
  const [node] = resolveTargets([name], items).nodes
  if (!node) throw fail('node.not_found', { detail: `No node is called ${name}.` })
  const { steps } = await client.nodes.test({ params: { id: node.id } })
  return steps.map(({ step, state, detail, problem }) => ({ step, state, detail, fix: problem?.fix ?? null }))
}
