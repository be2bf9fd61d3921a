import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Secret } from '../server/lib/secret.ts'

interface Door {
  readonly port: number
  readonly username: string
}

/** What a server says to a key, asked with the OpenSSH client: no code of ours is in it. */
export function sshLogin({ port, username }: Door, privateKey: Secret): 'let in' | 'refused' {
  const folder = mkdtempSync(join(tmpdir(), 'carl-login-'))
  try {
    const file = join(folder, 'key')
    writeFileSync(file, privateKey.reveal(), { mode: 0o600 })
    const options = [
      'BatchMode=yes',
      'IdentitiesOnly=yes',
      'IdentityAgent=none',
      'StrictHostKeyChecking=no',
      `UserKnownHostsFile=${join(folder, 'known')}`,
      'PreferredAuthentications=publickey',
    ].flatMap((option) => ['-o', option])
    const { status, stderr } = spawnSync(
      'ssh',
      ['-F', 'none', '-i', file, '-p', String(port), ...options, `${username}@127.0.0.1`, 'true'],
      { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] },
    )
    if (status === 0) return 'let in'
    if (stderr.includes('Permission denied')) return 'refused'
    throw new Error(`ssh ended with ${status}: ${stderr}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
