import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import type { Part } from './part.ts'

const root = resolve(import.meta.dirname, '../..')

/** Every state of every page beside the picture that is kept of it; `npm test` looks at some. */
export const visual: Part = async () => {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/visual.ts')], {
    cwd: root,
    stdio: 'inherit',
  })
  return { failed: status === 0 ? 0 : 1, notDone: [] }
}
