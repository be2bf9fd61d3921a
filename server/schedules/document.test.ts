import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { AgentManifest } from '../../contract/agent-manifest.ts'
import { readDocuments, toDocument } from './document.ts'

const withOptions = (...names: readonly string[]) =>
  ({
    options: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    },
  }) as unknown as AgentManifest
const janitor = withOptions('keepLast', 'raw_name')
const validator = withOptions('restore_drill', 'check_integrity')
const around = {
  zone: 'Europe/Berlin',
  now: '2026-11-26T12:00:00.000Z',
  manifestOf: (id: string) => ({ 'docker-janitor': janitor, 'backup-validator': validator })[id],
}
/** The schedules of a text; triggers have tests of their own. */
const read = (text: string) =>
  readDocuments(text, around).flatMap((found) => (found.kind === 'schedule' ? [found] : []))
const one = (text: string) => {
  const [found] = read(text)
  if (!found) throw new Error('nothing was read')
  return found
}

const morning = `name: "Morning System Report"
schedule: "0 7 * * *"  # 7 AM daily
nodes: ["nas", "docker-host", "pihole"]
agent: "system_health"
notifications:
  webhook: "https://discord.com/api/webhooks/1/secret"
estimated_cost: "$0.15/day"
`
const cleanup = `name: "Docker Maintenance"
schedule: "0 2 * * SUN"  # 2 AM Sunday
nodes: ["docker-*"]
agent: "docker_janitor"
options:
  dry_run: false
  keep_last: 3
estimated_cost: "$0.40/month"
`
const backup = `name: "Backup Health Check"
schedule: "0 3 * * MON"  # 3 AM Monday
nodes: ["backup-server"]
agent: "backup_validator"
options:
  test_restore: true
  check_integrity: true
estimated_cost: "$0.10/week"
`

describe('the examples of the requirements', () => {
  test('mean what they say', () => {
    const [health, docker, backups] = read([morning, cleanup, backup].join('---\n'))
    expect(health?.spec).toMatchObject({
      name: 'Morning System Report',
      timing: { kind: 'cron', cron: '0 7 * * *' },
      zone: 'Europe/Berlin',
      agentId: 'system-health',
      targets: ['nas', 'docker-host', 'pihole'],
      notifications: { webhook: 'https://discord.com/api/webhooks/1/secret' },
      estimatedCost: '$0.15/day',
    })
    expect(docker?.spec).toMatchObject({
      agentId: 'docker-janitor',
      targets: ['docker-*'],
      options: { keepLast: 3 },
      dryRun: false,
    })
    expect(backups?.spec).toMatchObject({
      agentId: 'backup-validator',
      options: { restore_drill: true, check_integrity: true },
    })
  })

  test('keep their text, comments and all', () => {
    expect(read([morning, cleanup, backup].join('---\n')).map(({ source }) => source)).toEqual([
      morning,
      cleanup,
      backup,
    ])
  })

  test.each([morning, cleanup, backup])('mean the same when they are written anew', (text) => {
    const { spec } = one(text)
    expect(one(toDocument(spec)).spec).toEqual(spec)
  })
})

test('everything that can be said is written out and read again', () => {
  const text = `name: All of it
every: 90m
from: 2026-11-26T07:00:00.000Z
timezone: Australia/Lord_Howe
nodes: nas, docker-*, !docker-old
agent: system-health
options: { dry_run: true, depth: 3 }
timeout: 10m
jitter: 5m
overlap: queue
catch_up: { policy: all, within: 2d, most: 3 }
blackout:
  - { days: [Monday, sun], from: "22:00", to: "06:00" }
paused: true
`
  const { spec } = one(text)
  expect(spec).toMatchObject({
    timing: { kind: 'interval', everyMinutes: 90, from: '2026-11-26T07:00:00.000Z' },
    targets: ['nas', 'docker-*', '!docker-old'],
    dryRun: true,
    options: { depth: 3 },
    timeoutS: 600,
    jitterS: 300,
    overlap: 'queue',
    catchUp: { policy: 'all', withinHours: 48, most: 3 },
    blackouts: [{ days: ['mon', 'sun'], from: '22:00', to: '06:00' }],
    paused: true,
  })
  expect(one(toDocument(spec)).spec).toEqual(spec)
  expect(parse(toDocument(spec))).toMatchObject({ every: '90m', timeout: '10m', jitter: '5m' })
})

test('once is a day and a time', () => {
  const { spec } = one('name: x\nonce: 2026-12-24 18:00\nnodes: all\nagent: hello\n')
  expect(spec.timing).toEqual({ kind: 'once', at: '2026-12-24T18:00' })
  expect(one(toDocument(spec)).spec).toEqual(spec)
})

test('a list is several schedules that share their text', () => {
  const found = read(
    '- { name: a, schedule: "@daily", nodes: all, agent: hello }\n- { name: b, every: 1h, nodes: all, agent: hello }\n',
  )
  expect(found.map(({ spec, source }) => [spec.name, source])).toEqual([
    ['a', null],
    ['b', null],
  ])
})

const plain = 'name: x\nschedule: "0 7 * * *"\nnodes: all\nagent: hello\n'
describe('what is no document says where', () => {
  test.each([
    ['nothing', '', /no schedule/],
    ['comments alone', '# nothing\n', /no schedule/],
    ['no YAML', 'name: [', /Document 1/],
    ['a word', 'hello', /Document 1/],
    ['an unknown field', `${plain}retries: 3\n`, /retries/],
    ['a second name', `${plain}---\n${plain}`, /two schedules called x/],
    [
      'a wrong expression in the second',
      `${plain}---\n${plain.replace('x', 'y').replace('0 7', '99 7')}`,
      /Document 2 \(y\).*99/,
    ],
    ['a day that never comes', plain.replace('0 7 * * *', '0 0 31 2 *'), /never comes/],
    ['two timings', `${plain}every: 1h\n`, /one of schedule/],
    ['no timing', plain.replace(/schedule.*\n/, ''), /one of schedule/],
    ['a zone that is none', `${plain}timezone: Mars/Olympus\n`, /zone/],
    ['a length that is none', `${plain}jitter: soon\n`, /jitter/],
    ['half a minute', plain.replace(/schedule.*\n/, 'every: 30s\n'), /everyMinutes/],
    ['no name of an agent', plain.replace('hello', 'Hello World'), /agent/],
    [
      'a blackout of no length',
      `${plain}blackout: [{ from: "02:00", to: "02:00" }]\n`,
      /ends when it begins/,
    ],
    ['a time that no clock shows', `${plain}blackout: [{ from: "25:00", to: "02:00" }]\n`, /22:00/],
    ['a key that stands twice', `${plain}name: y\n`, /Document 1/],
    [
      'a bomb of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
      /Document 1/,
    ],
  ])('%s', (_, text, expected) => {
    expect(() => read(text)).toThrow(expected)
    expect(() => read(text)).toThrow('schedule.document_invalid')
  })
})
