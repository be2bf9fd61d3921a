import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { agentId, type NodeId } from '../../contract/ids.ts'
import { type TestDatabase, testDatabase } from '../../testbed/database.ts'
import { createFakeClock, type FakeClock } from '../../testbed/fake-clock.ts'
import { digestOf, startRegistry, type TestRegistry } from '../../testbed/registry.ts'
import { createAudit } from '../audit/audit.ts'
import { newAuditKeys } from '../audit/keys.ts'
import { serverActor } from '../lib/actor.ts'
import { createEvents } from '../lib/events.ts'
import { createIds } from '../lib/id.ts'
import { createLogger } from '../lib/logger.ts'
import { createOutgoing, type Outgoing } from '../outgoing/outgoing.ts'
import type { Collected } from '../reports/collected.ts'
import { createSettings, type Settings } from '../settings/settings.ts'
import { createRegistries, type Registries } from './registries.ts'

const advisor = agentId.parse('update-advisor')
const hourMs = 3_600_000

let base: TestDatabase
let clock: FakeClock
let audit: ReturnType<typeof createAudit>
let settings: Settings
let outgoing: Outgoing
let registry: TestRegistry
let registries: Registries
let names: Record<string, string>
let nas: NodeId
let pi: NodeId

const logger = createLogger('silent')
/** One for all: each test has a registry of its own, so that no answer of another counts. */
beforeAll(async () => {
  clock = createFakeClock()
  base = await testDatabase(clock)
  audit = createAudit({ db: base.db, clock, keys: newAuditKeys() })
  settings = await createSettings({ db: base.db, audit, events: createEvents(logger), clock, logger })
})
afterAll(() => base.close())

beforeEach(async () => {
  registry = await startRegistry()
  await settings.change(
    { outgoing: 'open', outgoingHosts: [registry.host], registryLookups: 'on' },
    serverActor,
  )
  names = {}
  const resolve = (host: string) => Promise.resolve(names[host] === undefined ? [] : [names[host]])
  outgoing = createOutgoing({ db: base.db, settings, audit, clock, logger, own: () => [], resolve })
  const fetch = outgoing.open('registry', { maxBytes: 100_000, redirects: 3, isHomeNamed: true })
  registries = createRegistries({ db: base.db, settings, fetch, clock })
  nas = createIds(clock)('nod')
  pi = createIds(clock)('nod')
})
afterEach(() => registry.stop())

const image = (name: string, here = 1, given: object = {}) => ({
  name,
  containers: ['web'],
  digests: [digestOf(here)],
  created: clock.now().getTime() / 1_000,
  state: 'unchecked',
  ...given,
})
const lookup = {
  registry: 'server',
  newer_versions: true,
  max_images: 200,
  image_warn_days: 90,
  update_warn_days: 30,
}

function collectedOf(images: object[], given: object = {}): Collected {
  return {
    findings: [],
    gaps: [],
    metrics: [],
    history: [],
    schema: 'update-advisor/1',
    facts: { lookup: { ...lookup, ...given }, images },
    status: 'ok',
    sections: new Map([['images', 'ok']]),
  }
}

/** What a run of a node comes to. `at` is put before each name. */
async function look(
  images: object[],
  given: object = {},
  nodeId = nas,
  signal = new AbortController().signal,
) {
  const said: string[] = []
  const run = { nodeId, agentId: advisor }
  const whole = await registries.complete(run, collectedOf(images, given), {
    say: (line) => said.push(line),
    signal,
  })
  return {
    said,
    whole,
    states: (whole.facts['images'] as { state: string }[]).map(({ state }) => state),
    findings: whole.findings.map(({ id, subject }) => `${id} ${subject}`),
    gaps: whole.gaps.map(({ what, why }) => `${what}: ${why}`),
  }
}
const at = (name: string) => `${registry.host}/${name}`

describe('a look at a registry', () => {
  test('tells what is behind, what is current, and that a higher version is out', async () => {
    registry.tags
      .set('team/app:1.2', digestOf(2))
      .set('team/app:1.3', digestOf(3))
      .set('db:latest', digestOf(1))
    const seen = await look([image(at('team/app:1.2')), image(at('db'))])
    expect(seen.states).toEqual(['outdated', 'current'])
    expect(seen.findings).toEqual([
      `img.update ${at('team/app:1.2')}`,
      `img.newer_version ${at('team/app:1.2')}`,
    ])
    expect(seen.whole.status).toBe('ok')
    expect(seen.said).toEqual(['Registries: 2 images looked up, 0 of them known before.'])
    // Manifests by HEAD: a GET would count as a pull where pulls are counted.
    expect(registry.heard.toSorted()).toEqual([
      'GET /v2/team/app/tags/list?n=1000',
      'HEAD /v2/db/manifests/latest',
      'HEAD /v2/team/app/manifests/1.2',
    ])
  })

  test('is made once for all nodes, and not again while its answer counts', async () => {
    registry.tags.set('app:latest', digestOf(2))
    await look([image(at('app'))])
    const later = await look([image(at('app')), image(at('app:latest'))], {}, pi)
    expect(later.states).toEqual(['outdated', 'outdated'])
    expect(registry.heard).toHaveLength(1)
    clock.jump(25 * hourMs)
    registry.tags.set('app:latest', digestOf(1))
    expect((await look([image(at('app'))])).states).toEqual(['current'])
    expect(registry.heard).toHaveLength(2)
  })

  test('is shared by runs that want the same at the same time', async () => {
    registry.tags.set('app:latest', digestOf(1))
    const { promise, resolve } = Promise.withResolvers<void>()
    registry.before = () => promise
    const both = Promise.all([look([image(at('app'))]), look([image(at('app'))], {}, pi)])
    while (registry.heard.length === 0) await new Promise((turn) => setImmediate(turn))
    resolve()
    expect((await both).map(({ states }) => states)).toEqual([['current'], ['current']])
    expect(registry.heard).toHaveLength(1)
  })

  test('remembers since when a newer image is known, and holds it against the image', async () => {
    registry.tags.set('app:latest', digestOf(2))
    const first = clock.now().toISOString()
    await look([image(at('app'))])
    clock.jump(31 * 24 * hourMs)
    const { whole } = await look([image(at('app'))])
    expect(whole.findings).toMatchObject([{ severity: 'warning', evidence: { known_since: first } }])
  })

  test('gets a token where everybody gets one, and asks for the next without being sent back', async () => {
    registry.wantsToken = true
    registry.tags.set('a:1.0', digestOf(1)).set('b:1', digestOf(1))
    expect((await look([image(at('a:1.0'))])).states).toEqual(['current'])
    expect(registry.heard).toEqual([
      'HEAD /v2/a/manifests/1.0',
      'GET /token?service=here&scope=repository%3Aa%3Apull',
      'HEAD /v2/a/manifests/1.0',
      'GET /v2/a/tags/list?n=1000',
    ])
  })

  test('reads a list of tags page by page, within its own registry', async () => {
    for (let minor = 0; minor < 30; minor++) registry.tags.set(`app:1.${minor}`, digestOf(1))
    registry.perPage = 7
    const { whole } = await look([image(at('app:1.3'))])
    expect(whole.findings).toMatchObject([{ id: 'img.newer_version', evidence: { newest: '1.29' } }])
    expect(registry.heard.filter((line) => line.includes('tags/list'))).toHaveLength(5)
  })

  test('says that a tag is gone only after it was not there twice', async () => {
    const app = image(at('gone:1'))
    expect(await look([app])).toMatchObject({ states: ['gone'], findings: [], gaps: [] })
    clock.jump(30 * 60_000)
    // Still the same look: no proof.
    expect((await look([app])).findings).toEqual([])
    clock.jump(hourMs)
    expect((await look([app])).findings).toEqual([`img.tag_gone ${at('gone:1')}`])
    clock.jump(2 * hourMs)
    registry.tags.set('gone:1', digestOf(1))
    expect(await look([app])).toMatchObject({ states: ['current'], findings: [] })
  })
})

describe('what is not known is a gap, never a newer image', () => {
  test('a registry that is asked too often is left alone for as long as it says', async () => {
    registry.tags
      .set('a:latest', { status: 429, headers: { 'retry-after': '7200' } })
      .set('b:latest', digestOf(2))
    const why = 'its registry wants to be asked less often'
    const seen = await look([image(at('a'))])
    expect(seen).toMatchObject({ states: ['error'], findings: [], gaps: [`registry: ${at('a')}: ${why}`] })
    expect(seen.whole.status).toBe('partial')
    clock.jump(1.9 * hourMs)
    expect((await look([image(at('b'))])).gaps).toEqual([`registry: ${at('b')}: ${why}`])
    expect(registry.heard).toHaveLength(1)
    clock.jump(0.2 * hourMs)
    expect((await look([image(at('b'))])).states).toEqual(['outdated'])
  })

  test('one that is down, however long it was known before', async () => {
    registry.tags.set('app:latest', digestOf(2))
    expect((await look([image(at('app'))])).findings).toHaveLength(1)
    const { host } = registry
    await registry.stop()
    clock.jump(25 * hourMs)
    const seen = await look([image(`${host}/app`)])
    expect(seen).toMatchObject({ states: ['error'], findings: [] })
    expect(seen.gaps).toEqual([`registry: ${host}/app: its registry did not answer as it should`])
    registry = await startRegistry({ port: Number(host.split(':')[1]) })
  })

  test('one that is slow holds a run for no longer than its time, and the answer is there for the next', async () => {
    registry.tags.set('app:latest', digestOf(1))
    const { promise, resolve } = Promise.withResolvers<void>()
    registry.before = () => promise
    const leaving = new AbortController()
    const seen = look([image(at('app'))], {}, nas, leaving.signal)
    while (registry.heard.length === 0) await new Promise((turn) => setImmediate(turn))
    leaving.abort()
    expect((await seen).gaps).toEqual([`registry: ${at('app')}: its registry took too long`])
    resolve()
    let next = await look([image(at('app'))])
    while (next.states[0] !== 'current') next = await look([image(at('app'))])
    expect(registry.heard).toHaveLength(1)
  })

  test.each<[string, (at: TestRegistry) => unknown, string]>([
    [
      'wants a sign-in',
      (r) => void ((r.wantsToken = true), (r.challenge = 'Basic realm="x"')),
      'its registry tells only whoever signs in',
    ],
    [
      'sends to somebody else for a token',
      (r) => void ((r.wantsToken = true), (r.challenge = 'Bearer realm="http://169.254.169.254/t"')),
      'its registry tells only whoever signs in',
    ],
    [
      'answers no digest',
      (r) => r.tags.set('app:latest', 'sha256:short'),
      'its registry did not answer as it should',
    ],
    ['breaks', (r) => r.tags.set('app:latest', { status: 500 }), 'its registry did not answer as it should'],
    [
      'hangs up',
      (r) => (r.before = (request) => request.socket.destroy()),
      'its registry did not answer as it should',
    ],
    [
      'leads to this machine',
      (r) => r.tags.set('app:latest', { status: 307, headers: { location: 'http://127.0.0.2/x' } }),
      'this server may not talk to its registry',
    ],
  ])('one that %s', async (_, arrange, why) => {
    arrange(registry)
    const seen = await look([image(at('app'))])
    expect(seen).toMatchObject({ states: ['error'], findings: [], gaps: [`registry: ${at('app')}: ${why}`] })
  })

  test.each([
    ['no JSON', '<html>'],
    ['no list', '{"tags": 7}'],
    ['no texts', '{"tags": [1, null, {}]}'],
    ['more than is taken', JSON.stringify({ tags: Array.from({ length: 20_000 }, (_, n) => `9.${n}`) })],
  ])('a list of tags that is %s takes nothing from the rest', async (_, list) => {
    registry.tags.set('app:1.0', digestOf(2))
    registry.list = list
    const seen = await look([image(at('app:1.0'))])
    expect(seen).toMatchObject({ states: ['outdated'], gaps: [] })
    expect(seen.findings).toEqual([`img.update ${at('app:1.0')}`])
  })
})

describe('a node cannot have the server knock wherever it likes', () => {
  const refused = 'this server may not talk to its registry'
  test.each([
    ['a private address', '192.168.1.7'],
    ['this machine', '127.0.0.1'],
    ['the metadata of a cloud', '169.254.169.254'],
  ])('a name that leads to %s is refused until somebody allows it', async (_, address) => {
    names['registry.lan'] = address
    const seen = await look([image('registry.lan/app')])
    expect(seen).toMatchObject({ states: ['error'], gaps: [`registry: registry.lan/app: ${refused}`] })
    expect(registry.heard).toEqual([])
  })

  test('one that is allowed by name is asked at once, also without a certificate', async () => {
    const host = registry.host.replace('127.0.0.1', 'registry.lan')
    names['registry.lan'] = '127.0.0.1'
    registry.tags.set('app:latest', digestOf(1))
    expect((await look([image(`${host}/app`)])).states).toEqual(['error'])
    await settings.change({ outgoingHosts: [host] }, serverActor)
    expect((await look([image(`${host}/app`)])).states).toEqual(['current'])
  })

  test('the page of what is talked to shows the refusal, and that allowing it would help', async () => {
    names['registry.lan'] = '192.168.1.7'
    await look([image('registry.lan/app')])
    const { items } = await outgoing.list()
    expect(items).toContainEqual(
      expect.objectContaining({
        purpose: 'registry',
        host: 'registry.lan',
        isAllowed: false,
        lastResult: { code: 'outgoing.home_not_allowed' },
      }),
    )
  })

  test('in strict mode only hosts that are named are asked', async () => {
    await settings.change({ outgoing: 'strict' }, serverActor)
    registry.tags.set('app:latest', digestOf(1))
    expect((await look([image(at('app')), image('ghcr.io/a/b')])).states).toEqual(['current', 'error'])
  })

  test('nor at more than twenty of them', async () => {
    const many = Array.from({ length: 25 }, (_, n) => image(`r${n}.lan/app`))
    const { gaps } = await look(many)
    expect(gaps.filter((gap) => gap.endsWith('too many registries'))).toHaveLength(5)
  })

  test('names that are none are not asked for', async () => {
    const seen = await look([image('../../etc/passwd'), image(`${registry.host}/a b`)])
    expect(seen.states).toEqual(['error', 'error'])
    expect(registry.heard).toEqual([])
  })
})

describe('what is wanted counts', () => {
  beforeEach(() => void registry.tags.set('app:1.0', digestOf(2)).set('app:1.1', digestOf(2)))

  test('turned off in the settings, nobody is asked and nothing is said to be unknown', async () => {
    await settings.change({ registryLookups: 'off' }, serverActor)
    const seen = await look([image(at('app:1.0'))])
    expect(seen).toMatchObject({ states: ['unchecked'], findings: [], gaps: [] })
    expect(seen.whole.sections.has('registry')).toBe(false)
    expect(seen.said).toEqual(['Newer images were not looked for: the settings say so.'])
    expect(registry.heard).toEqual([])
  })

  test('turned off for a run', async () => {
    expect((await look([image(at('app:1.0'))], { registry: 'off' })).states).toEqual(['unchecked'])
    expect(registry.heard).toEqual([])
  })

  test('without higher versions, no tags are read', async () => {
    const { findings } = await look([image(at('app:1.0'))], { newer_versions: false })
    expect(findings).toEqual([`img.update ${at('app:1.0')}`])
    expect(registry.heard).toEqual(['HEAD /v2/app/manifests/1.0'])
  })

  test('images beyond the most, and what the node says is pinned, local or left alone', async () => {
    const rows = [
      image(at('app:1.0')),
      image(at('app:1.1')),
      ...['pinned', 'local-build', 'untagged', 'ignored'].map((state) => image(at(state), 1, { state })),
    ]
    const seen = await look(rows, { max_images: 1, newer_versions: false })
    expect(seen.states).toEqual(['outdated', 'error', 'pinned', 'local-build', 'untagged', 'ignored'])
    expect(seen.gaps).toEqual([`registry: ${at('app:1.1')}: more images run than are looked up at most`])
    expect(registry.heard).toHaveLength(1)
  })

  test('a node that asked by itself is judged by its own answers, and tells nobody else', async () => {
    const own = { registry: 'node' }
    const rows = [
      image('inner.lan/a', 1, { answer: { digest: digestOf(2) } }),
      image('inner.lan/b', 1, { answer: { error: 'it does not answer' } }),
      image('inner.lan/c', 1, { answer: { gone: true } }),
    ]
    expect(await look(rows, own)).toMatchObject({
      states: ['outdated', 'error', 'gone'],
      findings: ['img.update inner.lan/a'],
    })
    clock.jump(31 * 24 * hourMs)
    const { whole } = await look(rows, own)
    expect(whole.findings.map(({ id, severity }) => [id, severity])).toEqual([
      ['img.update', 'warning'],
      ['img.tag_gone', 'warning'],
    ])
    names['inner.lan'] = '192.168.1.7'
    expect((await look([image('inner.lan/a')], {}, pi)).states).toEqual(['error'])
  })

  test('other agents are left as they are', async () => {
    const collected = collectedOf([image(at('app:1.0'))])
    const tools = { say: () => {}, signal: new AbortController().signal }
    for (const run of [
      { run: { nodeId: nas, agentId: agentId.parse('docker-janitor') }, collected },
      { run: { nodeId: nas, agentId: advisor }, collected: { ...collected, schema: 'other/1' } },
      { run: { nodeId: nas, agentId: advisor }, collected: { ...collected, facts: {} } },
    ]) {
      expect(await registries.complete(run.run, run.collected, tools)).toBe(run.collected)
    }
  })
})

test('what nobody asked about for long is forgotten', async () => {
  registry.tags.set('old:1.0', digestOf(1)).set('new:latest', digestOf(1))
  await look([image(at('old:1.0'))])
  clock.jump(130 * 24 * hourMs)
  await look([image(at('new'))])
  const rows = await base.db.read.selectFrom('registry_answer').select('reference').execute()
  expect(rows.map(({ reference }) => reference)).toEqual([at('new:latest')])
  expect(await base.db.read.selectFrom('registry_tags').selectAll().execute()).toEqual([])
})
