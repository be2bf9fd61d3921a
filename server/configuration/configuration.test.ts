import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aiSetup } from '../../contract/ai.ts'
import { agentId } from '../../contract/ids.ts'
import { notificationRules } from '../../contract/notifications.ts'
import { type Canary, findCanaries } from '../../testbed/canaries.ts'
import { type TestHouse, testHouse } from '../../testbed/house.ts'

const canaries: readonly Canary[] = [
  { name: 'password of a node', value: 'canary-node-password-4711' },
  { name: 'password for sudo', value: 'canary-sudo-password-4712' },
  { name: 'address of a webhook', value: 'canaryhookaddress4713' },
  { name: 'secret of a webhook', value: 'canary-hook-secret-4714-long' },
  { name: 'password for mail', value: 'canary-mail-password-4715' },
  { name: 'key of a model', value: 'sk-canary-model-key-4716' },
  { name: 'password of a repository', value: 'canary-repository-4717' },
  { name: 'key of a provider', value: 'canary-b2-account-key-4718' },
  { name: 'address in a schedule', value: 'canaryscheduleaddress4719' },
]
const [node, sudo, hook, hookSecret, mail, model, repository, b2, inSchedule] = canaries.map(
  ({ value }) => value,
) as [string, string, string, string, string, string, string, string, string]

const lent = {
  'credential/door/password': node,
  'credential/door/sudoPassword': sudo,
  'channel/ops/url': `https://hooks.example.org/${hook}`,
  'channel/ops/secret': hookSecret,
  'channel/Mail/password': mail,
  'models/anthropic': model,
  'repository/NAS/b2:box:restic/password': repository,
  'repository/NAS/b2:box:restic/B2_ACCOUNT_KEY': b2,
  'schedule/Night: all of it/1': `https://hooks.example.org/${inSchedule}`,
}

let filled: TestHouse
let empty: TestHouse
let elsewhere: string

beforeAll(async () => {
  elsewhere = mkdtempSync(join(tmpdir(), 'carl-copies-'))
  ;[filled, empty] = await Promise.all([testHouse(), testHouse()])
  await fill(filled)
})
afterAll(async () => {
  await Promise.all([filled.close(), empty.close()])
  rmSync(elsewhere, { recursive: true })
})

/** One of everything that people set up, with names that YAML has to quote. */
async function fill({ drive: { client }, house }: TestHouse): Promise<void> {
  await client.settings.change({
    body: { maxExecutions: 7, secondApproval: 'destructive', trashMaxGib: 1.5 },
  })
  await client.costs.setBudget({ body: { limit: 'day', limitNanoUsd: 1_230_000_001 } })
  await client.costs.setBudget({ body: { limit: 'month', limitNanoUsd: null } })
  await client.costs.setBudget({
    body: { limit: 'agent', agentId: agentId.parse('hello'), limitNanoUsd: 0 },
  })
  await client.costs.setZone({ body: { zone: 'Europe/Berlin' } })
  const tier = { input: 1_000_000, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 5, output: 7 }
  await client.costs.setPrice({
    params: { model: 'house:7b' },
    body: { effectiveFrom: '2026-01-01', tiers: [{ upToPromptTokens: null, ...tier }], batchPercent: 40 },
  })
  const credential = await client.credentials.create({
    body: { kind: 'password', name: 'door', password: node, sudoPassword: sudo },
  })
  const common = { port: 22, username: 'carl', credentialId: credential.id }
  // By name, the one that is jumped through comes later.
  const jump = await client.nodes.create({
    body: { ...common, name: 'z-jump', host: '10.0.0.1', tags: ['edge'] },
  })
  const nas = await client.nodes.create({
    body: {
      ...common,
      name: 'NAS',
      host: 'fd00::5',
      jumpNodeId: jump.id,
      tags: ['no', 'on'],
      allowedAgents: null,
      elevation: 'commands',
      connectionsPerHour: 0,
    },
  })
  const setup = aiSetup.parse({
    driver: 'anthropic',
    nodesOff: [nas.id],
    explain: { rawLogNodes: [jump.id] },
  })
  await client.ai.setUp({ body: setup })
  await client.ai.putKey({ params: { driver: 'anthropic' }, body: { key: model } })
  await client.policies.create({
    body: { type: 'docker.image.remove', targets: ['tag:edge'], maxBytes: 1_000 },
  })
  const email = await client.notifications.addChannel({
    body: {
      name: 'Mail',
      settings: { kind: 'email', host: 'mail.lan', from: 'carl@home.lan', to: ['anna@home.lan'] },
      secrets: { password: mail },
    },
  })
  const ops = await client.notifications.addChannel({
    body: {
      name: 'ops',
      fallbackId: email.id,
      settings: { kind: 'webhook' },
      secrets: { url: lent['channel/ops/url'], secret: hookSecret },
    },
  })
  await client.notifications.setRules({
    body: notificationRules.parse({
      routes: [
        { kinds: ['finding.new'], least: 'warning', targets: ['tag:edge'], channelIds: [ops.id, email.id] },
      ],
      report: { isOn: true, channelIds: [email.id] },
      zone: 'Europe/Berlin',
    }),
  })
  await client.ownBackups.setRules({ body: { isOn: true, hour: 4, hasLogs: true } })
  await client.ownBackups.addPlace({ body: { settings: { kind: 'folder', path: elsewhere } } })
  await client.repositories.create({
    body: {
      nodeId: nas.id,
      kind: 'restic',
      location: 'b2:box:restic',
      secret: { password: repository, variables: { B2_ACCOUNT_KEY: b2 } },
    },
  })
  await client.schedules.apply({
    body: {
      text: `name: "Night: all of it" # said ${'by hand'}
schedule: 0 2 * * *
timezone: Europe/Berlin
nodes: ["*"]
agent: hello
notifications:
  webhook: https://hooks.example.org/${inSchedule}
  channels: [ops]
---
name: yes
when: { event: webhook }
nodes: NAS
agent: hello
`,
    },
  })
  await house.auth.users.create({ name: 'anna', role: 'operator' }, house.localActor)
}

const exported = ({ drive }: TestHouse): Promise<string> => drive.client.configuration.export()
const apply = (server: TestHouse, text: string, secrets: Record<string, string> = {}, dryRun = false) =>
  server.drive.client.configuration.apply({ body: { text, secrets, dryRun } })

describe('all that is set up', () => {
  test('comes back from its text, to the letter, and the text holds no secret', async () => {
    const text = await exported(filled)
    expect(findCanaries(text, canaries)).toEqual([])
    // So that looking means something: each of them is there.
    expect(findCanaries(JSON.stringify(lent), canaries)).toEqual(canaries.map(({ name }) => name))

    const tried = await apply(empty, text, lent, true)
    expect(tried.items.filter(({ problem }) => problem)).toEqual([])
    expect(await exported(empty)).not.toContain('NAS')

    const { items } = await apply(empty, text, lent)
    expect(items.filter(({ problem }) => problem)).toEqual([])
    expect(items.find(({ kind }) => kind === 'user')?.firstPassword).toMatch(/.{12}/)
    expect(await exported(empty)).toBe(text)

    const seen = await apply(empty, text, {}, true)
    expect(seen.items.filter(({ change, problem }) => change !== 'same' || problem)).toEqual([])
    const again = await apply(empty, text)
    expect(again.items.filter(({ change, problem }) => change !== 'same' || problem)).toEqual([])
    expect(await exported(empty)).toBe(text)
    const { items: told } = await filled.drive.client.audit.list({ query: { limit: 200 } })
    expect(findCanaries(JSON.stringify(told), canaries)).toEqual([])
    expect(findCanaries(JSON.stringify([tried, again]), canaries)).toEqual([])
  })

  test('lends the secrets where they belong', async () => {
    const [credential] = await empty.house.credentials.list()
    const sudoPassword = await empty.house.credentials.withSudoPassword(credential!.id, async (one) =>
      one?.reveal(),
    )
    expect(sudoPassword).toBe(sudo)
    const [schedule] = (await empty.drive.client.schedules.list({ query: { search: 'Night' } })).items
    expect(await empty.house.schedules.notificationsOf(schedule!.id)).toEqual({
      webhook: `https://hooks.example.org/${inSchedule}`,
      channels: ['ops'],
    })
  })
})

describe('one document', () => {
  test('that cannot be applied says why, leaves the others alone and takes along who needs it', async () => {
    const text = `kind: node
name: behind
host: 10.0.0.9
username: carl
jumpHost: locked
---
kind: node
name: locked
host: 10.0.0.8
username: carl
credential: nobody has it
---
kind: channel
name: chat
settings: { kind: discord }
secrets: [url]
---
kind: settings
maxExecutions: 9
`
    const { items } = await apply(empty, text)
    expect(items.map(({ kind, name, line, problem }) => [kind, name, line, problem?.code ?? null])).toEqual([
      ['settings', null, 18, null],
      ['node', 'locked', 7, 'configuration.reference_missing'],
      ['node', 'behind', 1, 'configuration.reference_missing'],
      ['channel', 'chat', 13, 'configuration.secret_missing'],
    ])
    expect(items[3]?.problem?.detail).toContain('channel/chat/url')
    expect(items[0]?.differences).toEqual([{ path: 'maxExecutions', before: '7', after: '9' }])
  })

  test('with a secret that no form would take is refused without a word of it', async () => {
    const text = 'kind: credential\nname: odd\ntype: password\n'
    const odd = 'canary'.repeat(400)
    const { items } = await apply(empty, text, { 'credential/odd/password': odd })
    expect(items[0]?.problem?.code).toBe('request.invalid')
    expect(JSON.stringify(items)).not.toContain('canary')
  })

  test.each([
    ['kind: node\nname: a\nhost: b\nusername: c\n\ntag: [x]\n', 'line 6', 'tag is no field'],
    [
      'kind: settings\n---\nkind: notifications\nquiet:\n  isOn: true\n  untill: 1\n',
      'line 6',
      'quiet.untill',
    ],
    ['kind: channel\nname: a\nsettings:\n  kind: ntfy\n  topic: "a b"\n', 'line 5', 'settings.topic'],
    ['# hm\nkind: hat\n', 'line 2', 'kind: hat is none of'],
    ['name: a\nschedule: 0 2 * * *\nnodes: all\nagent: hello\nevry: 1h\n', 'line 5', 'evry is no field'],
    ['kind: user\nname: a\nrole: admin\n---\n- kind: user\n  name: A\n  role: viewer\n', 'line 5', 'line 1'],
    ['kind: node\nname: [\n', 'line 3', ''],
  ])('that is wrong is refused with its line: %j', async (text, line, words) => {
    await expect(apply(empty, text)).rejects.toMatchObject({
      problem: { code: 'configuration.invalid', detail: expect.stringContaining(words) as string },
      issues: [{ path: line }],
    })
  })

  test('is for whoever may change what it is about', async () => {
    const { house } = empty
    const operator = { ...house.localActor, role: 'operator' } as const
    const schedule = 'name: mine\nschedule: 0 3 * * *\nnodes: all\nagent: hello\n'
    const both = { text: `${schedule}---\nkind: settings\nmaxExecutions: 3\n`, dryRun: false, secrets: {} }
    const items = await house.configuration.apply(both, operator)
    expect(items.map(({ kind, problem }) => [kind, problem?.code ?? null])).toEqual([
      ['settings', 'auth.forbidden'],
      ['schedule', null],
    ])
    expect(items[0]?.differences).toEqual([])
    const { body } = await house.configuration.exportText(operator)
    expect(body).toContain('kind: schedule')
    expect(body).not.toMatch(/kind: (?!schedule|trigger)/)
    // A person who has not just proved to be there, and a token, which never did.
    for (const [sessionId, code] of [
      ['ses_1', 'auth.step_up_required'],
      [null, 'auth.forbidden'],
    ] as const) {
      const admin = { ...house.localActor, isPresent: false, sessionId: sessionId as null }
      await expect(house.configuration.apply(both, admin)).rejects.toMatchObject({ code })
    }
  })
})
