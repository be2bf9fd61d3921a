import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Secret } from '../server/lib/secret.ts'

export interface UserOptions {
  /** `/bin/sh` when left out. */
  readonly loginShell?: string
  /** Files of the home folder by name, e.g. `.bashrc`. */
  readonly files?: Readonly<Record<string, string>>
  /** What sudoers says after the name of the user, e.g. `ALL=(ALL) NOPASSWD: ALL`. */
  readonly sudo?: string
  /** Settings of sudo for this user, e.g. `requiretty`. */
  readonly sudoDefaults?: string
}

export interface TestUser {
  readonly username: string
  readonly password: Secret
  readonly uid: number
  readonly home: string
  remove(): void
}

/** Makes a real user of this machine with a random name and password, for one test. Needs root. */
export function addUser(
  homes: string,
  { loginShell = '/bin/sh', files = {}, sudo, sudoDefaults }: UserOptions,
): TestUser {
  const username = `carl-${randomBytes(5).toString('hex')}`
  const password = randomBytes(12).toString('base64url')
  const home = join(homes, username)
  const sudoers = join('/etc/sudoers.d', username)
  mkdirSync(homes, { recursive: true })
  execFileSync(
    'useradd',
    ['--create-home', '--home-dir', home, '--shell', loginShell, '--no-log-init', username],
    {
      stdio: 'pipe',
    },
  )
  execFileSync('chpasswd', [], { input: `${username}:${password}\n`, stdio: ['pipe', 'pipe', 'pipe'] })
  chmodSync(home, 0o755)
  const { uid, gid } = statSync(home)
  for (const [name, text] of Object.entries(files)) {
    const file = join(home, name)
    if (dirname(name) !== '.') mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { mode: 0o755 })
    chownSync(file, uid, gid)
  }
  if (sudo) {
    writeFileSync(
      sudoers,
      `Defaults:${username} ${['lecture=never', sudoDefaults].filter(Boolean).join(', ')}\n${username} ${sudo}\n`,
      { mode: 0o440 },
    )
  }

  function remove(): void {
    rmSync(sudoers, { force: true })
    // A process of this user may still be on its way out; the user goes all the same.
    execFileSync('userdel', ['--force', username], { stdio: 'pipe' })
  }

  return { username, password: new Secret(password), uid, home, remove }
}
