import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { unpackNewer } from './debian.ts'
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
      if (process.getuid?.() !== 0)
        return { failed: 0, notDone: ['D19: only root may start a Docker engine'] }
      const why = unpackNewer(folder, ['docker.io', 'containerd'])
      if (why !== null) return { failed: 0, notDone: [`D19: no newer engine: ${why}`] }
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
