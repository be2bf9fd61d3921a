import { afterAll, beforeAll, expect, test } from 'vitest'
import { ApiError } from '../contract/client.ts'
import { isSampleId } from '../contract/sample-ids.ts'
import { type TestHouse, testHouse } from '../testbed/house.ts'
import { startSshd, type TestSshd } from '../testbed/sshd.ts'

let server: TestHouse
let sshd: TestSshd
beforeAll(async () => {
  ;[server, sshd] = await Promise.all([testHouse(), startSshd()])
})
afterAll(async () => {
  await server.close()
  await sshd.stop()
})

const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'allowed',
    (error: unknown) => (error instanceof ApiError ? error.problem.code : String(error)),
  )
const doneOf = async () => {
  const { steps } = await server.drive.client.firstSteps.get({})
  return steps.filter(({ isDone }) => isDone).map(({ name }) => name)
}

test('samples are looked at, never acted on, never counted, and leave no trace but the audit trail', async () => {
  const { client } = server.drive
  const before = await client.summary.get({})
  const stepsBefore = await doneOf()
  expect(await client.samples.get({})).toEqual({ present: false, canAdd: true })
  expect(await client.samples.add({})).toEqual({ present: true, canAdd: false })
  // Again changes nothing.
  await client.samples.add({})

  const nodes = (await client.nodes.list({ query: {} })).items
  expect(nodes.map(({ name }) => name)).toEqual(['sample-docker', 'sample-nas', 'sample-pi'])
  const executions = (await client.executions.list({ query: { limit: 100 } })).items
  const findings = (await client.findings.list({ query: {} })).items
  const plans = (await client.plans.list({ query: {} })).items
  const schedules = (await client.schedules.list({ query: {} })).items
  const shown = [...nodes, ...executions, ...plans, ...schedules].map(({ id }) => id)
  expect(shown.filter((id) => !isSampleId(id))).toEqual([])
  expect(findings.map(({ rule }) => rule).toSorted()).toEqual([
    'disk.full',
    'docker.dangling_images',
    'upd.security',
  ])
  expect(plans).toHaveLength(1)
  expect(schedules).toHaveLength(1)
  const nas = nodes.find(({ name }) => name === 'sample-nas')
  const run = executions.find(({ findings: counts }) => counts?.high === 1)
  const [plan] = plans
  const [schedule] = schedules
  const [finding] = findings
  if (!nas || !run || !plan || !schedule || !finding) throw new Error('a sample is missing')
  const log = await client.executions.log({ params: { id: run.id }, query: {} })
  expect(log.items[0]?.text).toContain('never ran')
  expect((await client.executions.report({ params: { id: run.id } })).findings).not.toEqual([])
  expect((await client.explanations.get({ params: { id: run.id } })).state).toBe('explained')

  // Nothing is done with them, by whatever way it is asked.
  const of = <T extends string>(id: T) => ({ params: { id } })
  const { nodeId, agentId, key } = finding
  expect(
    await Promise.all(
      [
        client.nodes.remove(of(nas.id)),
        client.findings.acknowledge({ body: { nodeId, agentId, key } }),
        client.schedules.remove(of(schedule.id)),
        client.executions.start({
          body: { agentId: run.agentId, targets: [nas.id], options: {}, dryRun: false, timeoutS: null },
        }),
      ].map(codeOf),
    ),
  ).toEqual(Array(4).fill('samples.only_shown'))
  const start = { agentId: run.agentId, options: {}, dryRun: false, timeoutS: null }
  expect(await codeOf(client.executions.start({ body: { ...start, targets: ['all'] } }))).toBe(
    'node.none_selected',
  )
  expect(await codeOf(client.executions.start({ body: { ...start, targets: ['sample-nas'] } }))).toBe(
    'node.none_selected',
  )
  // Nor counted.
  expect(await client.summary.get({})).toEqual(before)
  expect((await client.costs.summary({})).monthNanoUsd).toBe(0)
  expect(await client.plans.count({})).toEqual({ plans: 0, actions: 0 })
  expect(await doneOf()).toEqual(stepsBefore)

  // A node of one's own: they stay until they are removed, and do not come back.
  await server.drive.addNode(sshd, { name: 'real' })
  expect(await client.samples.remove({})).toEqual({ present: false, canAdd: false })
  expect((await client.nodes.list({ query: {} })).items.map(({ name }) => name)).toEqual(['real'])
  expect((await client.executions.list({ query: {} })).items).toEqual([])
  expect((await client.findings.list({ query: {} })).items).toEqual([])
  expect((await client.plans.list({ query: {} })).items).toEqual([])
  expect((await client.schedules.list({ query: {} })).items).toEqual([])
  expect(
    (await client.executions.log({ params: { id: run.id }, query: {} }).catch(() => null))?.items ?? [],
  ).toEqual([])
  expect(await codeOf(client.samples.add({}))).toBe('samples.real_nodes')
  const told = (await client.audit.list({ query: { limit: 100 } })).items.map(({ action }) => action)
  expect(told.filter((action) => action.startsWith('samples.'))).toEqual(['samples.removed', 'samples.added'])
})

test('a first step is done when its thing is there, and skipping is remembered', async () => {
  const { client } = server.drive
  expect(await doneOf()).toEqual(['node', 'key'])
  const run = await server.drive.run('system-health', 'real')
  await server.drive.untilEnded(run.id)
  expect(await doneOf()).toEqual(['node', 'key', 'run'])
  await client.firstSteps.change({ body: { skipped: ['second-node'] } })
  const list = await client.firstSteps.change({ body: { isPutAway: true } })
  expect(list.isPutAway).toBe(true)
  expect(list.steps.filter(({ isSkipped }) => isSkipped).map(({ name }) => name)).toEqual(['second-node'])
  await client.firstSteps.change({ body: { isPutAway: false, skipped: [] } })
})
