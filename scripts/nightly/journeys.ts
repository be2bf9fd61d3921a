import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import type { Part } from './part.ts'

const root = resolve(import.meta.dirname, '../..')

/** Every journey on a phone, below a path behind nginx; `npm test` walks some of them. */
export const journeys: Part = async () => {
  const program = join(root, 'node_modules/@playwright/test/cli.js')
  const { status } = spawnSync(process.execPath, [program, 'test', '--project', 'phone'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, E2E_EVERYWHERE: '1' },
  })
  return { failed: status === 0 ? 0 : 1, notDone: [] }
}
