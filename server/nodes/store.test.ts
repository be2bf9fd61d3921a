import { localActor } from '../auth/person.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ErrorCode, toProblem } from '../../contract/errors.ts'
import { agentId, executionId, type NodeId } from '../../contract/ids.ts'
import { nodeHealth } from '../../contract/nodes.ts'
import { nodeFloor, type NodeFloor } from '../../testbed/node-floor.ts'

let floor: NodeFloor

beforeEach(async () => {
  floor = await nodeFloor()
})
afterEach(() => floor.close())

const namesOf = async (query: Partial<Parameters<typeof floor.store.page>[0]>) =>
  (await floor.store.page({ afterName: null, limit: 50, search: undefined, tag: undefined, ...query })).map(
    ({ name }) => name,
  )

describe('the list of nodes', () => {
  beforeEach(async () => {
    await floor.addNode('nas', { tags: ['storage', 'prod'] })
    await floor.addNode('Docker-1', { tags: ['docker'], host: '10.0.0.7' })
    await floor.addNode('backup_100%', { tags: ['prod'] })
    await floor.addNode('Ärger', { host: 'b.example' })
  })

  test('is by name, whatever its case', async () => {
    expect(await namesOf({})).toEqual(['backup_100%', 'Docker-1', 'nas', 'Ärger'])
  })

  test.each<[what: string, query: Partial<Parameters<NodeFloor['store']['page']>[0]>, names: string[]]>([
    ['part of a name', { search: 'DOCK' }, ['Docker-1']],
    ['part of an address', { search: '0.0.7' }, ['Docker-1']],
    ['a letter beyond English', { search: 'Ärg' }, ['Ärger']],
    ['a percent sign, as itself', { search: '%' }, ['backup_100%']],
    ['an underscore, as itself', { search: 'p_1' }, ['backup_100%']],
    ['a backslash, as itself', { search: '\\' }, []],
    ['a quote, as itself', { search: "' or 1=1 --" }, []],
    ['a tag', { tag: 'prod' }, ['backup_100%', 'nas']],
    ['half a tag', { tag: 'pro' }, []],
    ['both', { tag: 'prod', search: 'nas' }, ['nas']],
  ])('is searched by %s', async (_what, query, names) => {
    expect(await namesOf(query)).toEqual(names)
  })

  test('is read page by page, each node once', async () => {
    const names: string[] = []
    for (;;) {
      const [name] = await namesOf({ afterName: names.at(-1) ?? null, limit: 1 })
      if (name === undefined) break
      names.push(name)
    }
    expect(names).toEqual(['backup_100%', 'Docker-1', 'nas', 'Ärger'])
  })
})

describe('what is remembered of a node', () => {
  const at = '2026-03-01T13:00:00.000Z'

  test('outlives a visit that learnt less', async () => {
    const { id } = await floor.addNode('nas')
    await floor.db.write((tx) => floor.store.recordSeen(tx, id, at, { os: 'Debian' }, '/usr/bin/python3'))
    await floor.db.write((tx) => floor.store.recordSeen(tx, id, at, {}, null))
    expect(await floor.store.find(id)).toMatchObject({
      platform: { os: 'Debian' },
      pythonHint: '/usr/bin/python3',
      lastSeenAt: at,
    })
  })

  test('goes with the node', async () => {
    const { id } = await floor.addNode('nas')
    const credential = await floor.credentials.create(
      { kind: 'password', name: 'pi', password: 'x', sudoPassword: null },
      localActor,
    )
    await floor.db.write(async (tx) => {
      await floor.store.pin(
        tx,
        id,
        [{ type: 'ssh-ed25519', key: 'AAAA', fingerprint: 'SHA256:x' }],
        'learnt',
        at,
      )
      await floor.store.quarantine(tx, id, credential.id, at, 'refused')
      await floor.store.remove(tx, id)
    })
    expect(await floor.store.find(id)).toBeUndefined()
    expect((await floor.store.hostKeys([id])).size).toBe(0)
    expect(await floor.store.isQuarantined(id, credential.id)).toBe(false)
  })
})

describe('the filter by health', () => {
  const at = '2026-03-01T13:00:00.000Z'
  const counts = { critical: 0, high: 0, warning: 0, info: 0 }

  async function addFinding(id: NodeId, key: string, more: object = {}) {
    await floor.db.write((tx) =>
      tx
        .insertInto('finding')
        .values({
          node_id: id,
          agent_id: agentId.parse('system-health'),
          key,
          rule: key,
          severity: 'warning',
          severity_rank: 2,
          subject: key,
          title: key,
          evidence: '{}',
          fix: null,
          confidence: 'high',
          state: 'new',
          first_seen_at: at,
          last_seen_at: at,
          resolved_at: null,
          absent_runs: 0,
          acknowledged_at: null,
          acknowledged_by: null,
          execution_id: executionId.parse('exe_00000000000000000000000000'),
          ...more,
        })
        .execute(),
    )
  }

  test('finds exactly the nodes that are shown with it', async () => {
    const add = async (name: string, more: Record<string, unknown> = {}, problem?: ErrorCode) => {
      const { id } = await floor.addNode(name, more)
      await floor.db.write(async (tx) => {
        if (name !== 'new') await floor.store.recordSeen(tx, id, at, {}, null)
        if (problem) await floor.store.recordProblem(tx, id, toProblem(problem))
      })
      return id
    }
    await add('new')
    await add('well')
    await add('off', {}, 'ssh.connection_timeout')
    await add('stranger', {}, 'ssh.host_key_changed')
    await add('resting', { paused: true }, 'ssh.host_key_changed')
    const full = await add('full')
    await addFinding(full, 'disk')
    floor.counts.set(full, { ...counts, warning: 1 })
    const calm = await add('calm')
    await addFinding(calm, 'known', { acknowledged_at: at })
    await addFinding(calm, 'gone', { resolved_at: at })
    await addFinding(calm, 'small', { severity: 'info', severity_rank: 3 })
    floor.counts.set(calm, { ...counts, info: 1 })

    const all = (await floor.nodes.list({ limit: 50 })).items
    expect(new Set(all.map(({ health }) => health))).toEqual(new Set(nodeHealth.options))
    for (const health of nodeHealth.options) {
      const shown = all.filter((node) => node.health === health).map(({ name }) => name)
      expect([health, await namesOf({ health })]).toEqual([health, shown])
    }
  })
})
