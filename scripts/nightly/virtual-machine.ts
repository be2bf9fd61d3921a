import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { isFinal } from '../../contract/executions.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import { Secret } from '../../server/lib/secret.ts'
import { type TestHouse, testHouse } from '../../testbed/house.ts'
import { toHostKey } from '../../testbed/sshd.ts'
import { ownMirror } from './debian.ts'
import { boot, type Machine } from './machine/boot.ts'
import { buildImage } from './machine/image.ts'
import { type Scenario, scenarios } from './machine/scenarios.ts'
import type { Night, Part, Told } from './part.ts'

const root = resolve(import.meta.dirname, '../..')
/** Kept from night to night, since it takes longest. */
const folder = join(root, '.cache/machine')
/** The agents that look at disks, the thorough one first. */
const agents = ['disk-doctor', 'system-health']
/** What is judged here; whatever else a fresh machine makes an agent say is none of this. */
const aboutDisks = /^(raid|zfs|lvm|smart|nvme|btrfs)\./

/**
 * Faults of disks in a real machine of its own: md, ZFS, LVM, Btrfs and NVMe, looked at by the real server over SSH.
 * It needs root, qemu and debootstrap; packages come from the mirror that this machine uses.
 */
export const virtualMachine: Part = async (night) => {
  const why = whyNot()
  if (why !== null) return { failed: 0, notDone: scenarios.map(({ id, says }) => `${id}, ${says}: ${why}`) }
  mkdirSync(folder, { recursive: true })
  const { suite, mirror } = ownMirror()
  const withZfs = process.env['CARL_NIGHTLY_ZFS'] === '1'
  const image = buildImage({ folder, suite, mirror, withZfs, say: night.say })
  night.say('Starting the machine…')
  const begin = performance.now()
  const machine = await boot(image, folder)
  night.say(`It is up after ${((performance.now() - begin) / 1_000).toFixed(0)} s.`)
  try {
    const house = await testHouse()
    try {
      await house.drive.addNode({
        port: machine.port,
        username: 'root',
        clientKey: new Secret(readFileSync(image.rootKey, 'utf8')),
        hostKey: toHostKey(readFileSync(image.hostKey, 'utf8')),
      })
      return await goThrough(scenarios, { house, machine, night, withoutZfs: image.withoutZfs })
    } finally {
      await house.close()
    }
  } finally {
    await machine.stop()
  }
}

interface Place {
  readonly house: TestHouse
  readonly machine: Machine
  readonly night: Night
  readonly withoutZfs: string | null
}

async function goThrough(
  all: readonly Scenario[],
  { house, machine, night, withoutZfs }: Place,
): Promise<Told> {
  const notDone: string[] = []
  let failed = 0
  for (const { id, says, needsZfs, seed, mend, expected } of all) {
    const agent = agents.find((name) => expected.every(({ rule }) => knows(name, rule)) && isHere(name))
    if (agent === undefined) {
      notDone.push(
        `${id}, ${says}: no agent here has the rule ${expected.map(({ rule }) => rule).join(', ')}`,
      )
      continue
    }
    if (needsZfs && withoutZfs !== null) {
      notDone.push(`${id}, ${says}: ${withoutZfs}`)
      continue
    }
    try {
      await seed(machine)
      const told = await findingsOf(house, agent)
      const missed = expected.filter(
        ({ rule, subject }) => !told.some((one) => one.rule === rule && one.subject.includes(subject)),
      )
      const wrong = told.filter(
        ({ rule, severity }) =>
          aboutDisks.test(rule) && severity !== 'info' && !expected.some((one) => one.rule === rule),
      )
      const isFine = missed.length === 0 && wrong.length === 0
      night.say(`${isFine ? 'ok    ' : 'FAILED'} ${id}, ${says} (${agent})`)
      for (const { rule, subject } of missed) night.say(`  missed: ${rule} of ${subject}`)
      for (const { rule, subject, title } of wrong)
        night.say(`  not expected: ${rule} of ${subject}: ${title}`)
      if (!isFine) failed += 1
    } catch (error) {
      failed += 1
      night.say(`FAILED ${id}, ${says}: ${(error as Error).message}`)
    }
    await mend(machine).catch((error: unknown) => {
      night.say(`  after ${id} the machine is not sound again: ${(error as Error).message}`)
      failed += 1
    })
  }
  return { failed, notDone }
}

async function findingsOf(house: TestHouse, agent: string) {
  const { id } = await house.drive.run(agent, 'nas')
  await untilEnded(house, id)
  const { findings } = await house.drive.client.executions.report({ params: { id } })
  return findings.filter(({ executionId }) => executionId === id)
}

/** The machine is slow where hardware does not help: it is given a quarter of an hour. */
async function untilEnded(house: TestHouse, id: ExecutionId): Promise<void> {
  for (let turn = 0; turn < 1_800; turn++) {
    const { state, outcome } = await house.drive.get(id)
    if (state === 'succeeded') return
    if (isFinal(state)) throw new Error(`the run is ${state}: ${JSON.stringify(outcome)}`)
    await sleepFor(500)
  }
  throw new Error('the run did not end')
}

const sourcesOf = (agent: string): string[] => globSync(`agents/${agent}/*.py`, { cwd: root })
const isHere = (agent: string): boolean => sourcesOf(agent).length > 0
const knows = (agent: string, rule: string): boolean =>
  sourcesOf(agent).some((file) => readFileSync(join(root, file), 'utf8').includes(`"${rule}"`))

function whyNot(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the machine is an x64 one, for Linux'
  if (process.getuid?.() !== 0) return 'only root may build a machine'
  if (ownMirror().mirror === '') return 'this machine has no mirror of Debian'
  for (const program of ['qemu-system-x86_64', 'debootstrap', 'mke2fs', 'ssh']) {
    if (spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status !== 0)
      return `${program} is not installed`
  }
  return null
}
