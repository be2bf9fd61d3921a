import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ownMirror } from './debian.ts'
import type { Part } from './part.ts'

const agentsFolder = resolve(import.meta.dirname, '../../agents')
/** The engines that keep images with containerd. */
const firstVersion = 24
const scenario = 'test_seeded_faults.ContainerdStoreTest'

/**
 * What Docker Janitor says of freed bytes where images are kept by containerd (scenario D19). With the engine of this
 * machine where that is new enough; else one of the next Debian is unpacked beside it, and nothing is installed.
 */
export const containerdStore: Part = async ({ say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'carl-engine-'))
  try {
    let path = process.env['PATH'] ?? ''
    if (versionIn(path) < firstVersion) {
      const why = unpackNewer(folder)
      if (why !== null) return { failed: 0, notDone: [`D19: ${why}`] }
      path = `${join(folder, 'tree/usr/sbin')}:${join(folder, 'tree/usr/bin')}:${path}`
    }
    say(`Docker ${versionIn(path)}`)
    const ran = spawnSync('python3', [join(agentsFolder, 'run_tests.py'), 'docker-janitor', scenario, '-v'], {
      env: { ...process.env, PATH: path },
      encoding: 'utf8',
      timeout: 600_000,
    })
    say(ran.stderr.trim())
    const skipped = /skipped '(?<why>.*)'/.exec(ran.stderr)?.groups?.['why']
    return { failed: ran.status === 0 ? 0 : 1, notDone: skipped === undefined ? [] : [`D19: ${skipped}`] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The major version of the engine that is found in a path; 0 where none starts. */
function versionIn(path: string): number {
  const { stdout } = spawnSync('dockerd', ['--version'], {
    env: { PATH: `${path}:/usr/sbin` },
    encoding: 'utf8',
  })
  return Number(/version (\d+)\./.exec(stdout ?? '')?.[1] ?? 0)
}

/** Unpacks engine and containerd of the next Debian below a folder. Returns why that cannot be. */
function unpackNewer(folder: string): string | null {
  if (process.getuid?.() !== 0) return 'only root may start a Docker engine'
  const { mirror } = ownMirror()
  if (mirror === '') return 'this machine has no mirror of Debian'
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg'
  const lists = join(folder, 'lists')
  mkdirSync(join(lists, 'partial'), { recursive: true })
  writeFileSync(join(folder, 'sources.list'), `deb [signed-by=${keys}] ${mirror} trixie main\n`)
  const apt = [
    '-o',
    `Dir::Etc::sourcelist=${join(folder, 'sources.list')}`,
    '-o',
    'Dir::Etc::sourceparts=-',
    '-o',
    `Dir::State::lists=${lists}`,
    '-o',
    `Dir::Cache=${folder}`,
    '-o',
    'APT::Sandbox::User=root',
  ]
  try {
    for (const args of [['update'], ['download', 'docker.io', 'containerd']])
      execFileSync('apt-get', ['-q', ...apt, ...args], { cwd: folder, stdio: 'ignore' })
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb')))
      execFileSync('dpkg', ['-x', file, 'tree'], { cwd: folder })
    return null
  } catch (error) {
    return `no newer engine can be had: ${(error as Error).message.split('\n')[0]}`
  }
}
