import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agentId } from '../../contract/ids.ts'
import { createCatalogue } from '../../server/agents/catalogue.ts'
import { createLogger } from '../../server/lib/logger.ts'
import { type DockerWorld, startDockerWorld } from '../../testbed/docker-world.ts'
import { type TestHouse, testHouse } from '../../testbed/house.ts'
import { digestOf, startRegistry, type TestRegistry } from '../../testbed/registry.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'

const entry = createCatalogue({
  builtInFolder: resolve(import.meta.dirname, '..'),
  installedFolders: [],
  logger: createLogger('silent'),
}).get(agentId.parse('update-advisor'))

test('it is a light thing to carry, wants no secrets, and changes nothing', () => {
  const { manifest, payload } = entry
  expect(payload.payload.length).toBeLessThan(48 * 1_024)
  expect([manifest.secrets, manifest.actions, manifest.sudo, manifest.modes]).toEqual([
    [],
    [],
    [],
    ['report'],
  ])
})

/** Findings that were to appear and did, that should not have, and that were missed. */
const tally = { scenarios: 0, found: 0, false: 0, missed: 0 }

describe('over SSH, with a registry', () => {
  let server: TestHouse
  let sshd: TestSshd
  let docker: DockerWorld
  let registry: TestRegistry
  beforeAll(async () => {
    ;[sshd, docker, registry, server] = await Promise.all([
      startSshd(),
      startDockerWorld(),
      startRegistry(),
      testHouse(),
    ])
    await server.drive.client.settings.change({ body: { outgoingHosts: [registry.host] } })
    await server.drive.addNode(sshd)
    await server.drive.addNode(sshd, { name: 'pi' })
  }, 60_000)
  afterAll(async () => {
    await server.close()
    await Promise.all([sshd.stop(), docker.stop(), registry.stop()])
  })

  const at = (name: string) => `${registry.host}/${name}`

  /** Runs the agent for its images alone and holds what is told, as `rule image`, against what was seeded. */
  async function look(expected: string[], node = 'nas', options: Record<string, unknown> = {}) {
    const { id } = await server.drive.run('update-advisor', node, {
      skip: ['packages', 'reboot', 'services'],
      socket: docker.socket,
      ...options,
    })
    const { outcome } = await server.drive.untilEnded(id)
    const report = await server.drive.client.executions.report({ params: { id } })
    const findings = report.findings.filter(
      ({ rule, executionId }) => rule.startsWith('img.') && executionId === id,
    )
    const told = findings.map(({ rule, subject }) => `${rule} ${subject.replace(`${registry.host}/`, '')}`)
    tally.scenarios++
    tally.found += told.filter((one) => expected.includes(one)).length
    tally.false += told.filter((one) => !expected.includes(one)).length
    tally.missed += expected.filter((one) => !told.includes(one)).length
    expect(told.toSorted()).toEqual(expected.toSorted())
    const states = Object.fromEntries(
      (report.facts['images'] as { name: string; state: string }[]).map(({ name, state }) => [
        name.replace(`${registry.host}/`, ''),
        state,
      ]),
    )
    return { id, outcome, report, findings, states }
  }

  test('a new image under the running tag is told; one that is current, and one that is pinned, are not', async () => {
    registry.wantsToken = true
    registry.tags.set('web:1', digestOf(2)).set('db:16', digestOf(1)).set('pinned:1', digestOf(2))
    docker.runs([
      { name: 'web', image: at('web:1'), here: [1] },
      { name: 'db', image: at('db:16'), here: [1, 7] },
      { name: 'fixed', image: `${at('pinned:1')}@${digestOf(1)}`, here: [1] },
      { name: 'own', image: 'built/here:1', here: [] },
    ])
    const { outcome, report, findings, states } = await look(['img.update web:1'])
    expect(states).toEqual({
      'web:1': 'outdated',
      'db:16': 'current',
      [`pinned:1@${digestOf(1)}`]: 'pinned',
      'built/here:1': 'local-build',
    })
    expect(findings[0]).toMatchObject({
      severity: 'info',
      evidence: {
        containers: ['web'],
        digest_here: [digestOf(1).slice(0, 19)],
        digest_there: digestOf(2).slice(0, 19),
      },
    })
    expect([outcome?.kind, outcome?.partial, report.gaps]).toEqual(['succeeded', false, []])
  }, 60_000)

  test('what another node runs is not asked for again', async () => {
    const before = registry.heard.length
    const { id } = await look(['img.update web:1'], 'pi')
    expect(registry.heard.slice(before)).toEqual([])
    const log = (await server.drive.logOf(id)).map(({ text }) => text)
    expect(log).toContain('Registries: 2 images looked up, 2 of them known before.')
    const { items } = await server.drive.client.outgoing.list()
    expect(items).toMatchObject([{ purpose: 'registry', host: registry.host, isAllowed: true }])
  }, 60_000)

  test('one that asks too much of it and one that is down are gaps, and hide nothing of the others', async () => {
    registry.wantsToken = false
    registry.tags.set('busy:1', { status: 429, headers: { 'retry-after': '60' } })
    const down = await startRegistry()
    await down.stop()
    await server.drive.client.settings.change({ body: { outgoingHosts: [registry.host, down.host] } })
    docker.runs([
      { name: 'web', image: at('web:1'), here: [1] },
      { name: 'busy', image: at('busy:1'), here: [1] },
      { name: 'down', image: `${down.host}/app:1`, here: [1] },
    ])
    const { outcome, report } = await look(['img.update web:1'])
    expect([outcome?.kind, outcome?.partial]).toEqual(['succeeded', true])
    expect(Object.fromEntries(report.gaps.map(({ what, why }) => [what, why]))).toEqual({
      [`registry: ${at('busy:1')}`]: 'its registry wants to be asked less often',
      [`registry: ${down.host}/app:1`]: 'its registry did not answer as it should',
    })
  }, 60_000)

  test('a higher version and an image of long ago', async () => {
    const other = await startRegistry()
    try {
      await server.drive.client.settings.change({ body: { outgoingHosts: [registry.host, other.host] } })
      for (const tag of ['1.4.0', '1.4.2', '2.0.0', 'latest']) other.tags.set(`app:${tag}`, digestOf(3))
      docker.runs([
        { name: 'app', image: `${other.host}/app:1.4.0`, here: [1], created: '2020-01-01T00:00:00Z' },
      ])
      const name = `${other.host}/app:1.4.0`
      const { findings } = await look([`img.update ${name}`, `img.newer_version ${name}`])
      expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([
        ['img.update', 'warning'],
        ['img.newer_version', 'info'],
      ])
    } finally {
      await other.stop()
    }
  }, 60_000)

  test('an update that was made is resolved, although a registry of another image does not answer', async () => {
    docker.runs([
      { name: 'web', image: at('web:1'), here: [2] },
      { name: 'busy', image: at('busy:1'), here: [1] },
    ])
    await look([], 'pi')
    const { report } = await look([], 'pi')
    const web = report.findings.find(({ rule, subject }) => rule === 'img.update' && subject === at('web:1'))
    expect(web?.state).toBe('resolved')
  }, 60_000)

  test('the node asks by itself where the options say so', async () => {
    registry.tags.set('inner:1', digestOf(9))
    docker.runs([{ name: 'inner', image: at('inner:1'), here: [1] }], [registry.host])
    await server.drive.client.settings.change({ body: { outgoingHosts: [] } })
    const { id } = await look(['img.update inner:1'], 'pi', { registry: 'node' })
    const { items } = await server.drive.client.executions.commands({ params: { id } })
    expect(JSON.stringify(items)).toContain(`http://${registry.host}/v2/inner/manifests/1`)
  }, 60_000)

  test('everything else that it looks at is seen on this very machine', async () => {
    const { id } = await server.drive.run('update-advisor', 'nas', {
      registry: 'off',
      socket: docker.socket,
    })
    expect((await server.drive.untilEnded(id)).outcome).toMatchObject({ kind: 'succeeded', left: [] })
    const report = await server.drive.client.executions.report({ params: { id } })
    expect(Object.keys(report.facts)).toEqual(
      expect.arrayContaining(['host', 'packages', 'reboot', 'services', 'images']),
    )
  }, 120_000)

  test('of what was seeded nearly all is found, and nearly nothing else', () => {
    const { scenarios, found, missed } = tally
    const precision = found / Math.max(1, found + tally.false)
    const recall = found / Math.max(1, found + missed)
    console.log(
      `precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)} of look-ups over ${scenarios} scenarios: ` +
        `${found} found, ${tally.false} false, ${missed} missed`,
    )
    expect(Math.min(precision, recall)).toBeGreaterThanOrEqual(0.98)
  })
})
