import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

/** Builds what the journeys run against, when a source is newer. */
export default function buildFirst(): void {
  const root = resolve(import.meta.dirname, '..')
  const prepare = ['scripts/setup.mjs', 'start', '--', 'true']
  const { status } = spawnSync(process.execPath, prepare, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('the product could not be built; what stands above says why')
}
