import { resolveTargets } from '../../contract/targets.ts'
import type { Config } from '../config.ts'
import { fail } from '../lib/errors.ts'
import { connectTo, findServer } from './client.ts'
import { exitCodes } from './problem.ts'

export interface EnrolOptions {
  /** Addresses the key is good from; the one that the node told, when there is none. */
  readonly from?: string
  readonly jump: boolean
  readonly remove: boolean
}

/**
 * `carl enrol NODE`: prints the block that lets the key of a node in for what is granted there, or the line that undoes
 * it. It is for a root shell of the node: `carl enrol nas | ssh root@nas sh`.
 */
export async function enrol(name: string, given: EnrolOptions, config: Config): Promise<number> {
  const client = connectTo(findServer(process.env, config))
  const { items } = await client.nodes.list({ query: { search: name, limit: 200 } })
  const [node] = resolveTargets([name], items).nodes
  if (!node) throw fail('node.not_found', { detail: `No node is called ${name}.` })
  if (!node.credentialId) throw fail('credential.missing', { detail: `${node.name} has no credential.` })
  const { facts } = await client.access.get({ params: { id: node.id } })
  const block = await client.access.enrol({
    body: {
      credentialId: node.credentialId,
      nodeId: node.id,
      username: node.username,
      elevation: node.elevation,
      agents: node.allowedAgents,
      from: given.from ?? facts?.seenFrom ?? '',
      isJump: given.jump,
    },
  })
  process.stdout.write(given.remove ? `${block.remove}\n` : block.paste)
  return exitCodes.ok
}
