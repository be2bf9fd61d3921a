import { spawnSync } from 'node:child_process'
import { existsSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type ErrorCode, toProblem } from '../../contract/errors.ts'
import type { KeyConcern } from '../../contract/master-key.ts'
import type { Config } from '../config.ts'
import { judgeRoom, type RoomLevel } from '../db/disk-guard.ts'
import { networkFileSystemOf } from '../db/file-system.ts'
import { keySourcesOf } from '../house.ts'
import { isAppError, toMessage } from '../lib/errors.ts'
import { describeKeyPlace, lookAtKeyPlace, sourceOf } from '../vault/keys/place.ts'
import { connectTo, findServer } from './client.ts'
import type { Check } from './checks.ts'

/** Looks at the place the server runs in, whether it runs or not: nothing here opens the database. */
export async function examineServer(config: Config): Promise<Check[]> {
  return [
    checkFolder(config),
    checkFileSystem(config),
    checkRoom(config),
    checkDatabase(config),
    checkMasterKey(config),
    checkSshClient(),
    await checkServer(config),
  ]
}

function checkFolder({ dataFolder }: Config): Check {
  if (!existsSync(dataFolder)) return ok('data folder', `${dataFolder} is made at the first start.`)
  const isOpen = (statSync(dataFolder).mode & 0o077) !== 0
  if (!isOpen) return ok('data folder', `${dataFolder}, readable for its owner only.`)
  return {
    step: 'data folder',
    state: 'warning',
    detail: `${dataFolder} can be read by others on this machine.`,
    fix: `chmod 700 ${dataFolder}`,
  }
}

function checkFileSystem({ dataFolder, allowNetworkStorage }: Config): Check {
  const network = existsSync(dataFolder) ? networkFileSystemOf(dataFolder) : null
  if (!network) return ok('file system', 'A local one.')
  return problem(
    'file system',
    allowNetworkStorage ? 'warning' : 'failed',
    'storage.network_filesystem',
    `It is ${network}.`,
  )
}

const roomStates: Record<RoomLevel, Check['state']> = {
  ok: 'ok',
  low: 'warning',
  full: 'failed',
  critical: 'failed',
}

function checkRoom({ dataFolder }: Config): Check {
  const { bavail, blocks, bsize } = statfsSync(existsSync(dataFolder) ? dataFolder : '/')
  const free = bavail * bsize
  const state = roomStates[judgeRoom({ free, total: blocks * bsize })]
  const detail = `${(free / 2 ** 30).toFixed(1)} GiB are free.`
  return state === 'ok' ? ok('disk', detail) : problem('disk', state, 'storage.full', detail)
}

function checkDatabase({ dataFolder }: Config): Check {
  const file = join(dataFolder, 'core.db')
  if (!existsSync(file)) return ok('database', 'It is made at the first start.')
  return ok('database', `${file}, ${(statSync(file).size / 2 ** 20).toFixed(1)} MiB.`)
}

/** Says where the key lies, which is what has to be kept safe and backed up, and what is wrong with that place. */
function checkMasterKey(config: Config): Check {
  const sources = keySourcesOf(config)
  const source = sourceOf(sources)
  if (source === 'command') return ok('master key', 'A command gives it (MASTER_KEY_COMMAND).')
  if (source === null) {
    const waits = 'The server waits for a passphrase at its first start: carl unseal.'
    if (existsSync(join(config.dataFolder, 'core.db'))) {
      if (config.masterKeyPassphrase) return ok('master key', waits)
      const file = describeKeyPlace(sources, 'generated')
      return problem('master key', 'failed', 'vault.key_unusable', `${file} is missing.`)
    }
    return ok('master key', config.masterKeyPassphrase ? waits : 'It is made at the first start.')
  }
  const file = describeKeyPlace(sources, source)
  if (!existsSync(file)) return problem('master key', 'failed', 'vault.key_unusable', `${file} is missing.`)
  const [worst] = lookAtKeyPlace(sources, source)
  if (worst) return { step: 'master key', ...concernsAboutKey[worst](file) }
  return source === 'passphrase'
    ? ok('master key', `In ${file}, closed with a passphrase: carl unseal after each start.`)
    : ok('master key', `In ${file}. Without it the credentials are lost: keep a recovery kit elsewhere.`)
}

const concernsAboutKey: Record<KeyConcern, (file: string) => Omit<Check, 'step'>> = {
  'readable-by-others': (file) => ({
    state: 'failed',
    detail: `${file} can be read or changed by others on this machine.`,
    fix: `chmod 600 ${file}`,
  }),
  'beside-data': (file) => ({
    state: 'warning',
    detail: `In ${file}, beside the data: whoever copies the folder has the credentials.`,
    fix: 'Put the key elsewhere with MASTER_KEY_FILE or MASTER_KEY_COMMAND, or close it: carl rotate-key --to passphrase',
  }),
  'same-disk': (file) => ({
    state: 'warning',
    detail: `In ${file}, on the same file system as the data: a copy of the disk has both.`,
    fix: 'Put the key on another file system, such as a Docker secret, or let MASTER_KEY_COMMAND fetch it.',
  }),
}

function checkSshClient(): Check {
  const { error, stderr } = spawnSync('ssh', ['-V'], { encoding: 'utf8' })
  if (!error) return ok('ssh client', (stderr ?? '').trim())
  return {
    step: 'ssh client',
    state: 'warning',
    detail: 'OpenSSH is not installed; only nodes set to the OpenSSH transport need it.',
    fix: toProblem('ssh.openssh_missing').fix,
  }
}

async function checkServer(config: Config): Promise<Check> {
  try {
    const connection = findServer(process.env, config)
    const { version } = await connectTo(connection).system.version({})
    return ok('server', `Version ${version} answers at ${connection.url}.`)
  } catch (error) {
    const { detail, fix } = isAppError(error)
      ? error.problem
      : toProblem('server.no_answer', toMessage(error))
    return { step: 'server', state: 'warning', detail, fix }
  }
}

const ok = (step: string, detail: string): Check => ({ step, state: 'ok', detail, fix: null })

const problem = (step: string, state: Check['state'], code: ErrorCode, detail: string): Check => ({
  step,
  state,
  detail,
  fix: toProblem(code, detail).fix,
})
