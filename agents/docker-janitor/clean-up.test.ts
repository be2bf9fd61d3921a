import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import type { Plan } from '../../contract/plans.ts'
import { type DockerEngine, startDockerEngine } from '../../testbed/docker-engine.ts'
import { type TestHouse, testHouse } from '../../testbed/house.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'

/** From the plan to the trash and back: a real server, a real node, and a real Docker engine with real rubbish. */

let engine: DockerEngine | { readonly absent: string }
let sshd: TestSshd
let server: TestHouse

beforeAll(async () => {
  engine = await startDockerEngine()
  sshd = await startSshd()
  server = await testHouse()
  await server.drive.addNode(sshd)
}, 120_000)
afterAll(async () => {
  await server.close()
  await sshd.stop()
  if ('stop' in engine) await engine.stop()
}, 120_000)

const client = () => server.drive.client

function needEngine(context: TestContext): DockerEngine {
  if ('absent' in engine) return context.skip(`no Docker engine: ${engine.absent}`)
  return engine
}

async function propose(docker: DockerEngine): Promise<Plan> {
  const options = {
    socket: docker.socket,
    keep_last: 1,
    min_age_hours: 0,
    stopped_days: 0,
    stats: false,
    aside_dir: `${docker.socket}-aside`,
  }
  const { id } = await server.drive.run('docker-janitor', 'nas', options)
  await server.drive.untilEnded(id)
  const { plan } = await client().plans.ofExecution({ params: { id } })
  if (!plan) throw new Error('there is no plan')
  return plan
}

async function approve(plan: Plan, titles: readonly string[], dryRun = false): Promise<void> {
  const actions = titles.map((title) => {
    const found = plan.actions.find((action) => action.title === title)
    if (!found)
      throw new Error(`${title} is not proposed; there is ${plan.actions.map((it) => it.title).join(', ')}`)
    return found.aid
  })
  const { approvals } = await client().plans.approve({ params: { id: plan.id }, body: { actions, dryRun } })
  const id = approvals.at(-1)?.executionId
  if (!id) throw new Error('nothing was started')
  await server.drive.untilEnded(id)
}

async function became(plan: Plan): Promise<Record<string, string>> {
  const { actions } = await client().plans.get({ params: { id: plan.id } })
  return Object.fromEntries(actions.map(({ title, state, outcome }) => [title, outcome?.kind ?? state]))
}

test('dry run, plan, two of three approved, one skipped because it came into use, and one taken back', {
  timeout: 120_000,
}, async (context) => {
  const docker = needEngine(context)
  for (const tag of ['t/app:1', 't/app:2', 't/other:1', 't/other:2']) docker.build(tag)
  docker.docker(['run', '--name', 'old-job', '--network', 'none', 'lab/base:1', 'true'])
  const job = docker.docker(['inspect', '--format', '{{.Id}}', 'old-job'])

  const plan = await propose(docker)
  const [app, other, container] = [
    'Remove the image t/app:1',
    'Remove the image t/other:1',
    'Set the container old-job aside',
  ]
  expect(plan.actions.map(({ title }) => title).sort()).toEqual([app, other, container].sort())
  expect(
    Object.fromEntries(plan.actions.map(({ title, risk, reversibility }) => [title, [risk, reversibility]])),
  ).toEqual({
    [app]: ['medium', 'no'],
    [other]: ['medium', 'no'],
    [container]: ['low', 'yes'],
  })

  await approve(plan, [app, container], true)
  expect(await became(plan)).toEqual({ [app]: 'would-run', [other]: 'waiting', [container]: 'would-run' })

  // Somebody starts a container from one of them after the plan.
  docker.docker(['run', '--detach', '--name', 'late', '--network', 'none', 't/app:1'])
  await approve(plan, [app, container])
  expect(await became(plan)).toEqual({ [app]: 'skipped', [other]: 'waiting', [container]: 'done' })
  const names = () => docker.docker(['ps', '--all', '--format', '{{.Names}}']).split('\n').sort()
  expect(names()).toEqual([`carl-aside-old-job-${job.slice(0, 20)}`, 'late'])
  expect(docker.docker(['images', '--format', '{{.Repository}}:{{.Tag}}'])).toContain('t/app:1')

  const { items } = await client().trash.list()
  expect(items).toMatchObject([
    { object: 'container:old-job', type: 'docker.container.remove', state: 'kept' },
  ])
  const [entry] = items
  if (!entry) throw new Error('it is not in the trash')
  await client().trash.restore({ params: { id: entry.id } })
  await expect.poll(names).toEqual(['late', 'old-job'])
})
