import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { type LaunchOrder, type LaunchTools, launch } from './launch.ts'
import { fail } from '../lib/errors.ts'
import { sweeper } from './node-programs.ts'
import type { SshConnection } from './transport.ts'

const swept = z.object({ found: z.number(), runs: z.array(z.string()), left: z.array(z.number()) })
export type Swept = z.infer<typeof swept>

/** Whole sweep, seconds; it takes about two when something refuses to go. */
const timeoutS = 30

interface SweepOrder extends Pick<LaunchOrder, 'elevation' | 'sudoPassword' | 'pythonHint'> {
  readonly runIds: readonly string[]
}

/**
 * Ends every process on the node that belongs to one of these runs, with the rights they had. Runs are named, never
 * guessed: another server may be at work on the same node.
 */
export async function sweep(
  connection: SshConnection,
  { runIds, ...how }: SweepOrder,
  tools: LaunchTools,
): Promise<Swept> {
  const visit = await launch(
    connection,
    {
      runId: `sweep-${randomBytes(6).toString('hex')}`,
      payload: sweeper,
      configure: async () => ({ runs: runIds.flatMap((id) => [id, `L-${id}`]) }),
      timeoutS,
      graceS: 1,
      leaseS: 0,
      ...how,
    },
    tools,
  )
  let result: Swept | null = null
  for await (const item of visit.frames) {
    if (item.t === 'ev' && item.k === 'swept') result = swept.parse(item.v)
  }
  if (!result) throw fail('ssh.link_lost', { detail: 'The link broke before the node was swept.' })
  return result
}
