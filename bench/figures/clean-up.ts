import { agentId } from '../../contract/ids.ts'
import type { Plan } from '../../contract/plans.ts'
import { type DockerEngine, startDockerEngine } from '../../testbed/docker-engine.ts'
import { median } from '../measure.ts'
import { digits, type Figure, judge, type Row } from '../report.ts'
import type { Bench, Stage } from '../stage.ts'

const images = 5
const seconds = (ms: number) => `${digits(ms / 1_000)} s`

/** What approving a plan takes, until the node has made the changes and all of it is stored. */
export async function cleanUp(bench: Bench): Promise<Figure> {
  const title = 'From an approved plan to the changes'
  const engine = await startDockerEngine()
  if ('absent' in engine) return { title, rows: [], notes: [`Not measured: ${engine.absent}.`] }
  bench.later(() => engine.stop())
  const stage = await bench.stage()
  const rounds: { whole: number; docker: number }[] = []
  for (let round = 0; round <= (bench.isQuick ? 2 : 8); round++) {
    // Each takes the tag from the one before, which nothing refers to from then on.
    for (let at = 0; at <= images; at++) engine.build('t/app:1', 50_000 + 100 * round + at)
    await bench.quiet.wait()
    const took = await applyAll(stage, engine)
    // The first warms up.
    if (round > 0) rounds.push(took)
  }
  const own = median(rounds.map(({ whole, docker }) => whole - docker))
  const whole = median(rounds.map((round) => round.whole))
  const docker = median(rounds.map((round) => round.docker))
  const row: Row = {
    what: `${images} images removed: from the approval until all of it is stored`,
    carl: seconds(whole),
    beside: `Docker itself: ${seconds(docker)}`,
    comes: `${seconds(own)} on top`,
    ...judge(own / 1_000, { atMost: 1, unit: 's on top' }),
  }
  return {
    title,
    rows: [row],
    notes: [
      'A real Docker engine on a real node, over an open connection. The time begins with the request that approves and ends when the live socket says that the execution is finished; Docker’s own time is the sum of its answers to the agent, each of them in the record of commands.',
    ],
  }
}

async function applyAll({ product, listener, nodeIds }: Stage, docker: DockerEngine) {
  const { client } = product
  const options = {
    socket: docker.socket,
    min_age_hours: 0,
    stats: false,
    disk_warn_pct: 100,
    disk_crit_pct: 100,
  }
  const body = { agentId: agentId.parse('docker-janitor'), targets: nodeIds.slice(0, 1), options }
  const { executions } = await client.executions.start({ body })
  const [look] = executions
  if (!look) throw new Error('nothing was started')
  await listener.ending(look.id)
  const { plan } = await client.plans.ofExecution({ params: { id: look.id } })
  const chosen = removals(plan)
  const begun = performance.now()
  const approved = await client.plans.approve({
    params: { id: plan?.id as Plan['id'] },
    body: { actions: chosen },
  })
  const id = approved.approvals.at(-1)?.executionId
  if (!id) throw new Error('nothing was approved')
  const state = await listener.ending(id)
  const whole = performance.now() - begun
  if (state !== 'succeeded') throw new Error(`it is ${state}`)
  const { items } = await client.executions.commands({ params: { id } })
  const asked = items.filter(({ argv }) => argv[0] === 'docker-api')
  if (asked.length === 0) throw new Error('nothing of Docker is on record')
  return { whole, docker: asked.reduce((sum, { ms }) => sum + (ms ?? 0), 0) }
}

function removals(plan: Plan | null): string[] {
  const found = plan?.actions.filter(
    ({ order, state }) => order.type === 'docker.image.remove' && state === 'waiting',
  )
  if (!found || found.length < images) throw new Error(`only ${found?.length ?? 0} images are proposed`)
  return found.slice(0, images).map(({ aid }) => aid)
}
