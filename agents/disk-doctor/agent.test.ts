import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agentId } from '../../contract/ids.ts'
import { toSudoers } from '../../contract/sudoers.ts'
import { createCatalogue } from '../../server/agents/catalogue.ts'
import { createLogger } from '../../server/lib/logger.ts'
import { type TestHouse, testHouse } from '../../testbed/house.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'

const here = import.meta.dirname
const entry = createCatalogue({
  builtInFolder: resolve(here, '..'),
  installedFolders: [],
  logger: createLogger('silent'),
}).get(agentId.parse('disk-doctor'))

describe('what may be asked through sudo', () => {
  test('is exactly what the agent asks', () => {
    const folders = [here, resolve(here, '../kit'), resolve(here, '../kit/stand_in')]
    const asked = execFileSync('python3', ['-B', '-c', 'import agent, json; print(json.dumps(agent.SUDO))'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], PYTHONPATH: folders.join(':') },
    })
    expect(JSON.parse(asked)).toEqual(entry.manifest.sudo.map(({ argv }) => argv))
  })

  test('only looks: nothing in it starts, changes or wakes a drive', () => {
    const lines = toSudoers('disk-doctor', entry.manifest.sudo).split('\n')
    const smartctl = lines.filter((line) => line.includes('smartctl') && !line.includes('--scan-open'))
    expect(smartctl).toHaveLength(20)
    for (const line of smartctl)
      expect(line).toMatch(
        /^ {2}\/usr\/sbin\/smartctl -j -x -n standby\\,0 \/dev\/(sd[a-p]|nvme[0-3])(, \\)?$/,
      )
    expect(lines.join('\n')).not.toMatch(/ -t | scrub|-s /)
  })
})

test('it is a light thing to carry, and proposes only what it can start', () => {
  expect(entry.payload.payload.length).toBeLessThan(64 * 1_024)
  expect(entry.manifest.actions).toEqual(['smart.selftest.start', 'zfs.scrub.start', 'md.check.start'])
})

/** A smartctl that tells of the drives in the samples and notes what it is asked to start. */
const standIn = (folder: string) => `#!/bin/sh
for word; do last=$word; done
case "$*" in
  *--scan-open*) cat "${folder}/scan.json" ;;
  "-t "*) echo "$*" >> "${folder}/started" ;;
  *) cat "${folder}/$(basename "$last").json" ;;
esac
`

describe('a real node whose drives are stand-ins', () => {
  let server: TestHouse
  let sshd: TestSshd
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'carl-disks-'))
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin/smartctl'), standIn(folder))
    chmodSync(join(folder, 'bin/smartctl'), 0o755)
    const drives = { sde: 'hdd-never-tested', sdb: 'hdd-pending', nvme2: 'nvme-warns' }
    for (const [device, sample] of Object.entries(drives))
      writeFileSync(join(folder, `${device}.json`), readFileSync(join(here, `answers/smart/${sample}.json`)))
    const devices = Object.keys(drives).map((name) => ({
      name: `/dev/${name}`,
      type: name.startsWith('nvme') ? 'nvme' : 'sat',
    }))
    writeFileSync(join(folder, 'scan.json'), JSON.stringify({ devices }))
    sshd = await startSshd({ environment: { PATH: `${join(folder, 'bin')}:${process.env['PATH']}` } })
    server = await testHouse()
    await server.drive.addNode(sshd)
  }, 120_000)
  afterAll(async () => {
    await server.close()
    await sshd.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  async function perform() {
    const { id } = await server.drive.run('disk-doctor', 'nas', { skip: ['space', 'btrfs'] })
    const execution = await server.drive.untilEnded(id)
    expect(execution.outcome).toMatchObject({ kind: 'succeeded', left: [] })
    return { id, report: await server.drive.client.executions.report({ params: { id } }) }
  }
  const started = () =>
    existsSync(join(folder, 'started')) ? readFileSync(join(folder, 'started'), 'utf8') : ''

  test('says which will not last, and starts a self-test only when a person approved it', async (context) => {
    const { id, report } = await perform()
    expect(report.findings.map(({ rule, severity }) => `${severity} ${rule}`).sort()).toEqual([
      'critical nvme.critical_warning',
      'critical smart.failed',
      'critical smart.selftest_failed',
      'high smart.attr',
      'high smart.attr',
      'info smart.selftest_old',
      'warning smart.temp',
    ])
    const { plan } = await server.drive.client.plans.ofExecution({ params: { id } })
    expect(plan?.actions).toMatchObject([
      {
        object: 'drive:WD-WCC7TEST',
        risk: 'low',
        reversibility: 'ends',
        destructive: false,
        findingKey: 'smart.selftest_old:WDC WD40EFRX-68N32N0 WD-WCC7TEST',
      },
    ])
    expect(started()).toBe('')
    if (process.getuid?.() !== 0) context.skip('only root may start a self-test')

    const body = { actions: plan?.actions.map(({ aid }) => aid) ?? [] }
    const planId = plan?.id
    if (!planId) throw new Error('there is no plan')
    const { approvals } = await server.drive.client.plans.approve({ params: { id: planId }, body })
    const made = approvals.at(-1)?.executionId
    if (!made) throw new Error('nothing was started')
    await server.drive.untilEnded(made)
    const after = await server.drive.client.plans.get({ params: { id: planId } })
    expect(after.actions[0]?.outcome).toMatchObject({ kind: 'done' })
    expect(started()).toBe('-t short /dev/sde\n')
  }, 90_000)

  test('a drive that goes missing is told from the fourth run on, and stays told', async () => {
    await perform()
    await perform()
    const scan = readFileSync(join(folder, 'scan.json'), 'utf8')
    writeFileSync(join(folder, 'scan.json'), scan.replace('{"name":"/dev/sde","type":"sat"},', ''))
    for (let run = 0; run < 2; run++) {
      const { report } = await perform()
      const gone = report.findings.filter(({ rule }) => rule === 'disk.gone')
      expect(gone.map(({ subject }) => subject)).toEqual(['WDC WD40EFRX-68N32N0 WD-WCC7TEST'])
    }
  }, 90_000)
})
