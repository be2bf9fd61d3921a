import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import type { Part } from './part.ts'

const root = resolve(import.meta.dirname, '../..')

/** A change of the master key, killed at each transaction for every way of keeping the key; `npm test` takes two. */
export const kills: Part = async () => {
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(
    process.execPath,
    [program, 'run', '--project', 'node', 'server/main-rotation.test.ts'],
    { cwd: root, stdio: 'inherit', env: { ...process.env, EVERY_KILL: '1' } },
  )
  return { failed: status === 0 ? 0 : 1, notDone: [] }
}
