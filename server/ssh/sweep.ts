import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { type LaunchOrder, type LaunchTools, launch } from './launch.ts'
import { sweeper } from './node-programs.ts'
import type { SshConnection } from './transport.ts'

const swept = z.object({ found: z.number(), runs: z.array(z.string()), left: z.array(z.number()) })
export type Swept = z.infer<typeof swept>

/** Whole sweep, seconds; it takes about two when something refuses to go. */
const timeoutS = 30

interface SweepOrder extends Pick<LaunchOrder, 'elevation' | 'sudoPassword' | 'pythonHint'> {
  /** Runs to leave alone. */
  readonly activeRunIds: readonly string[]
}

/** Ends every process on the node that belongs to a run other than these, with the rights the runs had. */
export async function sweep(
  connection: SshConnection,
  { activeRunIds, ...how }: SweepOrder,
  tools: LaunchTools,
): Promise<Swept> {
  const visit = await launch(
    connection,
    {
      runId: `sweep-${randomBytes(6).toString('hex')}`,
      payload: sweeper,
      config: { active: activeRunIds.flatMap((id) => [id, `L-${id}`]) },
      timeoutS,
      graceS: 1,
      leaseS: 0,
      ...how,
    },
    tools,
  )
  let result: Swept = { found: 0, runs: [], left: [] }
  for await (const item of visit.frames) {
    if (item.t === 'ev' && item.k === 'swept') result = swept.parse(item.v)
  }
  return result
}
