import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { lastLines, SetupProblem, say } from './say.mjs'

/** What the tests run against, by Debian package: real SSH servers, login shells, Pythons and key files. */
const programs = {
  'busybox-static': 'busybox',
  fish: 'fish',
  openssl: 'openssl',
  'openssh-client': 'ssh',
  'openssh-server': 'sshd',
  'putty-tools': 'puttygen',
  python3: 'python3',
  sudo: 'sudo',
  tcsh: 'tcsh',
}

const has = (program) =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) =>
    existsSync(join(folder, program)),
  )

/** Installs what is missing, where that can be done without asking. */
export function installPrograms() {
  const missing = Object.keys(programs).filter((name) => !has(programs[name]))
  if (missing.length === 0) return
  const prefix = privilege()
  if (!has('apt-get') || !prefix) {
    const how = has('apt-get')
      ? `Install them with: sudo apt-get install -y ${missing.join(' ')}`
      : `Install what your system calls the Debian packages: ${missing.join(', ')}`
    throw new SetupProblem(
      `The tests need programs that are not here: ${missing.map((name) => programs[name]).join(', ')}. ${how}`,
    )
  }
  say(`Installing for the tests: ${missing.join(', ')} (about a minute, the first time only)…`)
  let result = install(prefix, missing)
  if (result.status !== 0) {
    // A fresh machine has no lists of packages yet.
    run([...prefix, 'apt-get', '-qq', 'update'])
    result = install(prefix, missing)
  }
  if (result.status !== 0) {
    throw new SetupProblem(
      `Some packages could not be installed. Try: sudo apt-get install -y ${missing.join(' ')}\napt-get said:\n${lastLines(result)}`,
    )
  }
  if (missing.includes('openssh-server') && existsSync('/run/systemd/system')) {
    // The tests start their own; this machine did not listen before and shall not do so because of them.
    run([...prefix, 'systemctl', 'disable', '--now', 'ssh.service', 'ssh.socket'])
    say('The SSH server of this machine was left switched off: the tests start their own.')
  }
}

/** What comes before a command to run it as root: nothing, sudo, or null when that needs a person. */
function privilege() {
  if (process.getuid?.() === 0) return []
  return has('sudo') && run(['sudo', '-n', 'true']).status === 0 ? ['sudo', '-n'] : null
}

const install = (prefix, packages) =>
  run([...prefix, 'apt-get', '-qq', '-y', '--no-install-recommends', 'install', ...packages])

function run([program, ...args]) {
  return spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}
