import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../contract/errors.ts'
import { execution as executionShape } from '../../contract/executions.ts'
import { agentId, type ExecutionId } from '../../contract/ids.ts'
import { resolvedTargets } from '../../contract/targets.ts'
import { executionFloor, type ExecutionFloor, looksAround } from '../../testbed/execution-floor.ts'
import { anna } from '../../testbed/node-floor.ts'

let floor: ExecutionFloor
let told: string[]

beforeEach(async () => {
  floor = await executionFloor()
  told = []
  floor.events.on('execution.changed', 'test', ({ state }) => void told.push(state))
  floor.events.on('execution.finished', 'test', ({ outcome }) => void told.push(`finished ${outcome}`))
  floor.events.on(
    'batch.started',
    'test',
    ({ executionIds }) => void told.push(`batch of ${executionIds.length}`),
  )
})
afterEach(() => floor.close())

const refused = (code: ErrorCode) => expect.objectContaining({ code })
const wanted = (targets: string[], more: Record<string, unknown> = {}) => ({
  agentId: looksAround,
  targets,
  options: {},
  dryRun: false,
  timeoutS: null,
  ...more,
})
const startOn = (...targets: string[]) => floor.executions.start(wanted(targets), anna)
const everything = () => floor.executions.list({ limit: 200 })

describe('starting an agent', () => {
  test('queues it once per selected node, as one batch, with a line of the audit trail each', async () => {
    for (const name of ['nas', 'docker-1', 'docker-2']) await floor.addNode(name)
    const { batchId, executions } = await startOn('docker-*', 'nas', 'docker-1')
    expect(executions.map(({ nodeName }) => nodeName)).toEqual(['docker-1', 'docker-2', 'nas'])
    for (const execution of executions) {
      expect(executionShape.parse(execution)).toEqual(execution)
      expect(execution).toMatchObject({
        batchId,
        state: 'queued',
        agentVersion: '1.2.3',
        bundleSha256: floor.catalogue.get(looksAround).payload.sha256,
        options: { depth: 1 },
        timeoutS: 60,
        startedBy: 'user:anna',
        waitingFor: 'a free place',
      })
    }
    expect((await floor.done()).filter((action) => action === 'execution.queued')).toHaveLength(3)
    expect(told).toEqual(['queued', 'queued', 'queued', 'batch of 3'])
  })

  test('takes options and time as they are asked for', async () => {
    await floor.addNode('nas')
    const { executions } = await floor.executions.start(
      wanted(['nas'], { options: { depth: 3 }, timeoutS: 120, dryRun: true }),
      anna,
    )
    expect(executions).toMatchObject([{ options: { depth: 3 }, timeoutS: 120, dryRun: true }])
  })

  test('says who is before it on the node', async () => {
    await floor.addNode('nas')
    await floor.queueOn('nas')
    expect(await floor.queueOn('nas')).toMatchObject([{ waitingFor: '1 before it on this node' }])
  })

  test('leaves out nodes that are paused or do not allow it, and goes on with the others', async () => {
    await floor.addNode('asleep', { paused: true })
    await floor.addNode('strict', { allowedAgents: ['other'] })
    await floor.addNode('open', { allowedAgents: [looksAround] })
    const preview = await floor.executions.preview(looksAround, ['all', 'nix'])
    expect(resolvedTargets.parse(preview)).toEqual(preview)
    expect(preview.nodes.map(({ name, why }) => [name, why])).toEqual([
      ['asleep', 'The node is paused.'],
      ['open', null],
      ['strict', 'This agent is not allowed on the node.'],
    ])
    expect(preview.unmatched).toEqual(['nix'])
    expect((await startOn('all')).executions.map(({ nodeName }) => nodeName)).toEqual(['open'])
  })

  test.each<[name: string, code: ErrorCode, more: Record<string, unknown>]>([
    ['an agent that is not there', 'agent.not_found', { agentId: agentId.parse('none') }],
    ['an option it does not have', 'agent.options_invalid', { options: { colour: 'red' } }],
    ['more time than it may have', 'request.invalid', { timeoutS: 121 }],
    ['nodes that are not there', 'node.none_selected', { targets: ['nix'] }],
    ['a node that does not want it', 'node.agent_not_allowed', { targets: ['asleep'] }],
  ])('is refused with %s, and leaves nothing behind', async (_name, code, more) => {
    await floor.addNode('nas')
    await floor.addNode('asleep', { paused: true })
    await expect(floor.executions.start(wanted(['nas'], more), anna)).rejects.toEqual(refused(code))
    expect((await everything()).items).toEqual([])
    expect(await floor.done()).not.toContain('execution.queued')
    expect(told).toEqual([])
  })

  test('says why each node will not have it', async () => {
    await floor.addNode('asleep', { paused: true })
    await floor.addNode('strict', { allowedAgents: [] })
    await expect(startOn('all')).rejects.toMatchObject({
      problem: {
        detail: 'asleep: The node is paused. strict: This agent is not allowed on the node.',
      },
    })
    await expect(startOn('nix', 'nox')).rejects.toMatchObject({
      problem: { detail: 'Nothing matches nix, nox.' },
    })
  })

  test('is refused while the disk is full', async () => {
    await floor.addNode('nas')
    floor.fillDisk()
    await expect(startOn('nas')).rejects.toEqual(refused('storage.full'))
  })
})

describe('stopping an execution', () => {
  let id: ExecutionId
  beforeEach(async () => {
    await floor.addNode('nas')
    id = await floor.queueOne('nas')
    told = []
  })
  const cancel = () => floor.executions.cancel(id, anna)

  test('that waits ends it at once, and it is never begun', async () => {
    expect(await cancel()).toMatchObject({
      state: 'cancelled',
      outcome: { kind: 'cancelled', problem: null, attempts: 0 },
      finishedAt: '2026-03-01T12:00:00.001Z',
      waitingFor: null,
    })
    expect(told).toEqual(['cancelled', 'finished cancelled'])
    floor.queue.start()
    await floor.settled()
    expect(floor.begun).toEqual([])
    expect(await floor.done()).toContain('execution.cancelled')
  })

  test('that runs asks whoever runs it, and does not say that it has ended', async () => {
    floor.queue.start()
    await floor.settled()
    expect(await cancel()).toMatchObject({ state: 'connecting', outcome: null })
    expect(floor.begun[0]?.stop).toMatchObject({ reason: 'user', signal: { aborted: true } })
    expect(told).toEqual(['connecting'])
    expect((await floor.executions.journal(id)).map(({ step }) => step)).toEqual([
      'claimed',
      'cancel.requested',
    ])
  })

  test('twice is no harm while it runs', async () => {
    floor.queue.start()
    await floor.settled()
    await cancel()
    await expect(cancel()).resolves.toMatchObject({ state: 'connecting' })
  })

  test('in the very moment in which it is begun reaches one or the other', async () => {
    floor.queue.start()
    const { state } = await cancel()
    await floor.settled()
    const [begun] = floor.begun
    expect([
      ['cancelled', undefined],
      ['connecting', 'user'],
    ]).toContainEqual([state, begun?.stop.reason])
  })

  test('is not forgotten when it goes back into the queue', async () => {
    floor.queue.start()
    await floor.settled()
    await cancel()
    await floor.begun[0]?.end('queued')
    expect(floor.begun[1]?.stop).toMatchObject({ reason: 'user', signal: { aborted: true } })
  })

  test('that has ended, or never was, is refused', async () => {
    await cancel()
    await expect(cancel()).rejects.toEqual(refused('execution.finished'))
    id = 'exe_00000000000000000000000000' as ExecutionId
    await expect(cancel()).rejects.toEqual(refused('execution.not_found'))
    await expect(floor.executions.get(id)).rejects.toEqual(refused('execution.not_found'))
    await expect(floor.executions.journal(id)).rejects.toEqual(refused('execution.not_found'))
  })
})

describe('the list of executions', () => {
  test('is newest first, page by page, each once, though new ones come in', async () => {
    await floor.addNode('nas')
    const ids: ExecutionId[] = []
    for (let count = 0; count < 5; count++) for (const { id } of await floor.queueOn('nas')) ids.unshift(id)
    const first = await floor.executions.list({ limit: 2 })
    await floor.queueOn('nas')
    const second = await floor.executions.list({ limit: 2, cursor: first.nextCursor ?? '' })
    const third = await floor.executions.list({ limit: 2, cursor: second.nextCursor ?? '' })
    expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids)
    expect(third.nextCursor).toBeNull()
  })

  test('shows nothing that only a runner needs', async () => {
    await floor.addNode('nas')
    await floor.queueOn('nas')
    const [shown] = (await everything()).items
    expect(Object.keys(shown ?? {}).sort()).toEqual(Object.keys(executionShape.shape).sort())
  })
})
