import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestHouse, testHouse } from '../../testbed/house.ts'
import { printed } from '../../testbed/printed.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'
import { apply } from './configuration.ts'
import { exportSchedules, listSchedules, pauseSchedule, removeSchedule, showSchedule } from './schedules.ts'

/** As the requirements have them, comments and all. */
const useCases = [
  `name: "Morning System Report"
schedule: "0 7 * * *"  # 7 AM daily
nodes: ["nas", "docker-host", "pihole"]
agent: "system_health"
notifications:
  webhook: "https://discord.com/api/webhooks/..."
estimated_cost: "$0.15/day"
`,
  `name: "Docker Maintenance"
schedule: "0 2 * * SUN"  # 2 AM Sunday
nodes: ["docker-*"]
agent: "docker_janitor"
options:
  dry_run: false
  keep_last: 3
estimated_cost: "$0.40/month"
`,
  `name: "Backup Health Check"
schedule: "0 3 * * MON"  # 3 AM Monday
nodes: ["backup-server"]
agent: "backup_validator"
options:
  test_restore: true
  check_integrity: true
estimated_cost: "$0.10/week"
`,
]

let folder: string
let file: string
let sshd: TestSshd
let server: TestHouse

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carl-apply-'))
  file = join(folder, 'schedules.yaml')
  writeFileSync(file, useCases.join('---\n'))
  sshd = await startSshd()
  server = await testHouse()
  for (const name of ['nas', 'docker-host', 'pihole', 'backup-server'])
    await server.drive.addNode(sshd, { name })
})
afterAll(async () => {
  await server.close()
  await sshd.stop()
  rmSync(folder, { recursive: true, force: true })
})

const applied = (dryRun = false) =>
  printed(() => apply({ file: [file], dryRun, yes: false, json: false }, server.config))

test('the three examples of the requirements come in, run, and come out unchanged', async () => {
  const seen = await applied(true)
  expect(seen).toContain('+ schedule Morning System Report')
  expect(seen).toContain('targets: docker-*')
  expect(seen).toContain('3 to change; nothing was written.')
  expect(seen).not.toContain('discord')
  expect(await printed(() => listSchedules(false, server.config))).toContain('There are no schedules')

  expect(await applied()).toContain('3 changed, 0 as before.')
  expect(await applied()).toContain('0 changed, 3 as before.')
  expect(await printed(() => exportSchedules(undefined, server.config))).toBe(
    [useCases[2], useCases[1], useCases[0]].join('---\n'),
  )

  const { client, untilEnded } = server.drive
  const { items } = await client.schedules.list({ query: { limit: 10 } })
  for (const { id, targets, options } of items) {
    const { batchId } = await client.schedules.run({ params: { id } })
    const started = await client.executions.list({ query: { batchId } })
    expect(started.items.length).toBeGreaterThanOrEqual(targets.length)
    const ended = await Promise.all(started.items.map((one) => untilEnded(one.id)))
    for (const { state, options: asked } of ended) {
      expect(state).toBe('succeeded')
      expect(asked).toMatchObject(options)
    }
  }
  expect(items.find(({ name }) => name === 'Docker Maintenance')).toMatchObject({
    options: { keep_last: 3 },
    dryRun: false,
    timing: { kind: 'cron', cron: '0 2 * * SUN' },
  })
})

test('a change shows as a difference before it is made', async () => {
  writeFileSync(file, useCases.join('---\n').replace('keep_last: 3', 'keep_last: 5'))
  const seen = await applied()
  expect(seen).toContain('~ schedule Docker Maintenance')
  expect(seen).toContain('options.keep_last: 3 → 5')
  expect(seen).toContain('1 changed, 2 as before.')
})

test('one is paused, resumed, shown and removed by its name', async () => {
  const { config } = server
  expect(await printed(() => pauseSchedule('docker maintenance', true, config))).toContain('is paused')
  expect(await printed(() => listSchedules(false, config))).toMatch(/Docker Maintenance\s+paused/)
  expect(await printed(() => pauseSchedule('Docker Maintenance', false, config))).toContain('next at')
  const shown = await printed(() => showSchedule('Docker Maintenance', false, config))
  expect(shown).toContain('docker-janitor on docker-* (ok)')
  expect(shown).toMatch(/to come, \d{4}-\d\d-\d\d 02:00 UTC/)
  expect(await printed(() => removeSchedule('Docker Maintenance', config))).toContain('is removed')
  await expect(showSchedule('Docker Maintenance', false, config)).rejects.toMatchObject({
    code: 'schedule.not_found',
  })
})

test('a file that is not there, and one that is no document, are refused', async () => {
  const { config } = server
  const wanted = { dryRun: false, yes: false, json: false }
  await expect(apply({ ...wanted, file: [join(folder, 'none.yaml')] }, config)).rejects.toMatchObject({
    code: 'configuration.invalid',
  })
  writeFileSync(file, 'name: x\nschedule: soon\nnodes: all\nagent: hello\n')
  await expect(apply({ ...wanted, file: [file] }, config)).rejects.toMatchObject({
    problem: {
      code: 'configuration.partly_failed',
      detail: expect.stringContaining('schedule x') as string,
    },
  })
})
