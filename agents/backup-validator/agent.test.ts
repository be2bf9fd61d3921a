import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agentId, type NodeId } from '../../contract/ids.ts'
import type { Repository } from '../../contract/repositories.ts'
import { createCatalogue } from '../../server/agents/catalogue.ts'
import { createLogger } from '../../server/lib/logger.ts'
import { findCanaries } from '../../testbed/canaries.ts'
import { type TestHouse, testHouse } from '../../testbed/house.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'

const canary = { name: 'the password of a repository', value: 'canary "pa\\ss" $w`o`rd é 42' }
const has = (program: string) =>
  (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)))
const missing = ['restic', 'borg'].filter((program) => !has(program))

const entry = createCatalogue({
  builtInFolder: resolve(import.meta.dirname, '..'),
  installedFolders: [],
  logger: createLogger('silent'),
}).get(agentId.parse('backup-validator'))

test('it is a light thing to carry, asks for the secrets of repositories, and changes nothing', () => {
  const { manifest, payload } = entry
  expect(payload.payload.length).toBeLessThan(64 * 1_024)
  expect([manifest.secrets, manifest.actions, manifest.sudo]).toEqual([['repository'], [], []])
  expect(() => entry.checkOptions({ targets: ['borg:--rsh=sh'] })).toThrow('options.targets')
})

describe.skipIf(missing.length > 0)(
  `real repositories on a real node${missing.length > 0 ? ` (not installed here: ${missing.join(', ')})` : ''}`,
  () => {
    let server: TestHouse
    let sshd: TestSshd
    let slow: TestSshd
    let folder: string
    let nas: NodeId
    let restic: string
    let borg: string

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'carl-backup-'))
      restic = join(folder, 'tree/restic')
      borg = join(folder, 'tree/borg repo')
      mkdirSync(join(folder, 'scratch'))
      mkdirSync(join(folder, 'source'), { recursive: true })
      mkdirSync(join(folder, 'tree'))
      for (let number = 0; number < 20; number++)
        writeFileSync(join(folder, 'source', `file ${number}`), randomBytes(30_000))
      writeFileSync(join(folder, 'source/big'), randomBytes(2_000_000))
      make('restic', ['-r', restic, 'init'])
      make('restic', ['-r', restic, 'backup', join(folder, 'source'), '--host', 'nas'])
      make('borg', ['init', '-e', 'repokey-blake2', borg])
      make('borg', ['create', `${borg}::nas-2026`, join(folder, 'source')])
      // A program that is as slow as a poor line: a drill with it can be cancelled in the middle.
      mkdirSync(join(folder, 'bin'))
      const real = execFileSync('sh', ['-c', 'command -v restic'], { encoding: 'utf8' }).trim()
      writeFileSync(join(folder, 'bin/restic'), `#!/bin/sh\nexec ${real} --limit-download 100 "$@"\n`)
      chmodSync(join(folder, 'bin/restic'), 0o755)
      sshd = await startSshd()
      slow = await startSshd({ environment: { PATH: `${join(folder, 'bin')}:${process.env['PATH']}` } })
      server = await testHouse()
      nas = (await server.drive.addNode(sshd)).id
      await server.drive.addNode(slow, { name: 'slow' })
    }, 120_000)
    afterAll(async () => {
      await server.close()
      await Promise.all([sshd.stop(), slow.stop()])
      rmSync(folder, { recursive: true, force: true })
    })

    const make = (program: string, argv: string[]) =>
      execFileSync(program, argv, {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          PATH: process.env['PATH'],
          HOME: folder,
          RESTIC_PASSWORD: canary.value,
          BORG_PASSPHRASE: canary.value,
          BORG_BASE_DIR: join(folder, 'borg-base'),
        },
      })

    /** Runs the agent on a node, looking all the while whether the command line of some process tells the password. */
    async function perform(node: string, options: Record<string, unknown>) {
      const told: string[] = []
      const watch = setInterval(
        () => told.push(...commandLines().flatMap((line) => findCanaries(line, [canary]))),
        15,
      )
      try {
        const { id } = await server.drive.run('backup-validator', node, {
          scratch_folder: join(folder, 'scratch'),
          ...options,
        })
        const execution = await server.drive.untilEnded(id)
        expect(execution.outcome).toMatchObject({ kind: 'succeeded', left: [] })
        const report = await server.drive.client.executions.report({ params: { id } })
        return { id, report }
      } finally {
        clearInterval(watch)
        expect(told).toEqual([])
        expect(readdirSync(join(folder, 'scratch'))).toEqual([])
      }
    }

    const list = async () => (await server.drive.client.repositories.list()).items
    const find = async (kind: Repository['kind'], nodeId = nas): Promise<Repository> => {
      const found = (await list()).find((one) => one.kind === kind && one.nodeId === nodeId)
      if (!found) throw new Error(`no repository of the kind ${kind} is known`)
      return found
    }
    const quick = () => ({ search_roots: [join(folder, 'tree')], discover_s: 5 })

    test('a run finds them, and says that their passwords are not here', async () => {
      const { report } = await perform('nas', quick())
      expect(await find('restic')).toMatchObject({
        location: restic,
        state: 'outside',
        proof: null,
        secret: null,
      })
      expect(await find('borg')).toMatchObject({ location: borg, state: 'outside', check: { isWhole: true } })
      const rules = report.findings.filter(({ subject }) => [restic, borg].includes(subject))
      expect(rules.map(({ rule }) => rule)).toEqual(['backup.no_credentials', 'backup.no_credentials'])
    }, 60_000)

    test('with its password, a drill proves one; the other is damaged, and is named', async () => {
      const { repositories } = server.drive.client
      for (const kind of ['restic', 'borg'] as const) {
        const { id } = await find(kind)
        const body = { password: canary.value, variables: {} }
        const { secret } = await repositories.setSecret({ params: { id }, body })
        expect(secret).toMatchObject({ variables: [] })
      }
      const segments = join(borg, 'data/0')
      const [largest] = readdirSync(segments).toSorted(
        (a, b) => size(join(segments, b)) - size(join(segments, a)),
      )
      const broken = join(segments, largest ?? '')
      const bytes = readFileSync(broken)
      const middle = Math.floor(bytes.length / 2)
      bytes.writeUInt8(bytes.readUInt8(middle) ^ 0x5a, middle)
      writeFileSync(broken, bytes)
      utimesSync(broken, 1_790_000_000, 1_790_000_000)

      const { id, report } = await perform('nas', {
        targets: [`restic:${restic}`, `borg:${borg}`],
        discover: false,
        coverage_runs: 1,
        restore_drill: true,
      })
      const proved = await find('restic')
      expect(proved).toMatchObject({ state: 'open', proof: { executionId: id, files: 21, identical: 21 } })
      expect(proved.findings).toEqual({ critical: 0, high: 0, warning: 0, info: expect.any(Number) })
      const damaged = await find('borg')
      expect(damaged).toMatchObject({ proof: null, check: { isWhole: false }, drill: { isProved: false } })
      const corrupt = report.findings.filter(
        ({ rule, state }) => rule === 'backup.corrupt' && state !== 'resolved',
      )
      expect(corrupt.map(({ subject }) => subject)).toEqual([borg])
      expect(JSON.stringify(corrupt[0]?.evidence)).toContain(`data/0/${largest}`)
    }, 90_000)

    test('a drill of one says nothing about the other: what is open there stays open', async () => {
      const drill = { targets: [`restic:${restic}`], discover: false, restore_drill: true }
      for (const _ of [1, 2, 3]) {
        const { report } = await perform('nas', drill)
        // Nor does the part that was left out look as if it were gone.
        expect((report.changes ?? []).filter(({ kind }) => kind === 'removed')).toEqual([])
      }
      const { items } = await server.drive.client.findings.list({ query: { nodeId: nas } })
      expect(items.filter(({ rule }) => rule === 'backup.corrupt').map(({ subject }) => subject)).toEqual([
        borg,
      ])
    }, 90_000)

    test('cancelled in the middle of a restore, neither a process nor a file is left', async () => {
      const { id: nodeId } =
        (await server.drive.client.nodes.list({ query: { search: 'slow' } })).items[0] ?? {}
      if (!nodeId) throw new Error('there is no slow node')
      const secret = { password: canary.value, variables: {} }
      await server.drive.client.repositories.create({
        body: { nodeId, kind: 'restic', location: restic, secret },
      })
      const { id } = await server.drive.run('backup-validator', 'slow', {
        targets: [`restic:${restic}`],
        discover: false,
        check_integrity: false,
        restore_drill: true,
        scratch_folder: join(folder, 'scratch'),
      })
      await server.drive.untilLogged(id, 'restore ')
      await server.drive.client.executions.cancel({ params: { id } })
      const { outcome } = await server.drive.untilEnded(id)
      expect(outcome).toMatchObject({ kind: 'cancelled', left: [] })
      expect(readdirSync(join(folder, 'scratch'))).toEqual([])
      expect(commandLines().filter((line) => line.includes(join(folder, 'scratch')))).toEqual([])
      expect((await find('restic', nodeId)).proof).toBeNull()
    }, 90_000)

    test('the password is in no reply, log, command, audit line or file of the server', async () => {
      const { client } = server.drive
      const { items } = await client.executions.list({
        query: { agentId: agentId.parse('backup-validator') },
      })
      expect(items.length).toBeGreaterThan(4)
      const said = []
      for (const { id } of items) {
        said.push(await server.drive.logOf(id), await client.executions.commands({ params: { id } }))
        said.push(await client.executions.journal({ params: { id } }))
      }
      said.push(await list(), (await client.audit.list({ query: { limit: 200 } })).items)
      expect(findCanaries(JSON.stringify(said), [canary])).toEqual([])
      // The other way round: what was not lent would not be found either.
      expect(JSON.stringify(said)).toContain('repository.secret-lent')
      expect(JSON.stringify(said)).toContain('--password-file')
      await server.restart()
      for (const file of readdirSync(server.folder, { recursive: true, encoding: 'utf8' })) {
        const path = join(server.folder, file)
        if (!existsSync(path) || readIsFolder(path)) continue
        const bytes = readFileSync(path)
        const content = file.endsWith('.gz') ? gunzipSync(bytes) : bytes
        expect([file, findCanaries(content, [canary])]).toEqual([file, []])
      }
    }, 60_000)
  },
)

const size = (path: string) => readFileSync(path).length
const readIsFolder = (path: string) => {
  try {
    readdirSync(path)
    return true
  } catch {
    return false
  }
}

/** Of every process on this machine. */
function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')]
      } catch {
        return []
      }
    })
}
