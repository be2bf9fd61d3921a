import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastLines, SetupProblem, say } from './say.mjs'

/** npm says only what is wrong. */
const quiet = {
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_loglevel: 'error',
  npm_config_progress: 'false',
  npm_config_update_notifier: 'false',
}

/** Makes `node_modules` match the lock file; does nothing when it does. */
export function installDependencies(root, { forDevelopment }) {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const hash = createHash('sha256').update(lock).digest('hex')
  const stampFile = join(root, 'node_modules/.installed')
  const place = `${process.platform}-${process.arch}`
  const complete = `${hash} ${place} all`
  const stamp = read(stampFile)
  if (stamp === complete || (!forDevelopment && stamp === `${hash} ${place} production`)) return
  if (isInstalledByHand(root, JSON.parse(lock.toString()))) {
    writeFileSync(stampFile, complete)
    return
  }

  say('Installing dependencies (about a minute, the first time only)…')
  const args = ['ci', '--ignore-scripts', ...(forDevelopment ? [] : ['--omit=dev'])]
  const npm = spawnSync('npm', args, { cwd: root, env: { ...process.env, ...quiet }, encoding: 'utf8' })
  if (npm.status !== 0) {
    throw new SetupProblem(
      `The dependencies could not be installed. Check the connection to the npm registry and try again.\nnpm said:\n${lastLines(npm)}`,
    )
  }
  writeFileSync(stampFile, forDevelopment ? complete : `${hash} ${place} production`)
}

/** Somebody ran npm directly: npm's own record then holds every package of the lock that is not optional. */
function isInstalledByHand(root, lock) {
  const record = read(join(root, 'node_modules/.package-lock.json'))
  if (!record) return false
  const installed = JSON.parse(record).packages
  return Object.entries(lock.packages).every(
    ([path, { version, optional, link }]) =>
      path === '' ||
      optional ||
      link ||
      !path.startsWith('node_modules/') ||
      installed[path]?.version === version,
  )
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return ''
    throw error
  }
}
