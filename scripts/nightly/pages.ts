import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import type { Part } from './part.ts'

const root = resolve(import.meta.dirname, '../..')

/** Who may look: texts that are longer, a page that begins at the right, and a thumb on a small phone. */
const looks = {
  'longer texts': ['--locale', 'en-XA', '--width', '360,1280'],
  'from right to left': ['--locale', 'ar-XB', '--width', '360,1280'],
  'a small phone': ['--width', '360'],
  'a small phone in German': ['--width', '360', '--locale', 'de'],
} as const

/** Every page, looked over for what is cut, covered, too small, scrolls sideways, or is no text of its language. */
export const pages: Part = async ({ say }) => {
  let failed = 0
  for (const [look, options] of Object.entries(looks)) {
    const out = join(root, '.cache/screenshots', look.replaceAll(' ', '-'))
    const program = [
      join(root, 'scripts/screenshots.ts'),
      '--state',
      'full',
      '--theme',
      'light',
      '--out',
      out,
    ]
    const { status, stdout } = spawnSync(process.execPath, [...program, ...options], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 64 * 1_024 * 1_024,
    })
    // Faults are told below the picture that shows them.
    const told = stdout
      .split('\n')
      .filter((line, at, all) => /^ {2}!/.test(line) || /^ {2}!/.test(all[at + 1] ?? ''))
    say(`${look}: ${status === 0 ? 'ok' : 'FAILED'}`)
    for (const line of told) say(line)
    if (status !== 0) failed += 1
  }
  return { failed, notDone: [] }
}
