import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastLines, SetupProblem, say } from './say.mjs'

/** What the bundle is made of. */
const sources = [
  'server/**/*',
  'contract/**/*',
  'web/**/*',
  'agents/**/*',
  'scripts/build.ts',
  'vite.config.ts',
  'package.json',
]

const stamp = 'dist/.sources'

/** Whether the bundle is made of the sources as they are now. An installed server comes without sources. */
export function isBuilt(root) {
  if (!existsSync(join(root, 'scripts/build.ts'))) return true
  const stampFile = join(root, stamp)
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === fingerprint(root)
}

/** Builds server and dashboard. */
export function build(root) {
  say('Building server and dashboard (a few seconds)…')
  // Seen before the build: what changes meanwhile makes the next start build again.
  const seen = fingerprint(root)
  const build = spawnSync(process.execPath, [join(root, 'scripts/build.ts')], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  })
  if (build.status !== 0) {
    throw new SetupProblem(
      `The product could not be built. Run npm run check to see where.\n${lastLines(build)}`,
    )
  }
  writeFileSync(join(root, stamp), seen)
}

/** Path, size and time of every source: enough to see a change, and far quicker than reading them. */
function fingerprint(root) {
  return sources
    .flatMap((pattern) =>
      globSync(pattern, { cwd: root, exclude: ['**/__pycache__', '**/*.{test,stories}.{ts,tsx}'] }),
    )
    .sort((a, b) => (a < b ? -1 : 1))
    .flatMap((path) => {
      const { mtimeMs, size, isFile } = look(join(root, path))
      return isFile ? [`${path} ${size} ${mtimeMs}`] : []
    })
    .join('\n')
}

function look(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  return { mtimeMs: stat?.mtimeMs, size: stat?.size, isFile: stat?.isFile() ?? false }
}
