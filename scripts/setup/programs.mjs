import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { lastLines, SetupProblem, say } from './say.mjs'

/**
 * Programs by Debian package: real SSH servers, login shells, Pythons, key files, a browser, a proxy, a container
 * engine, and what makes backups; and what the figures are held against.
 */
const ssh = { 'openssh-client': 'ssh', 'openssh-server': 'sshd', python3: 'python3' }
const programs = {
  tests: {
    ...ssh,
    borgbackup: 'borg',
    'btrfs-progs': 'mkfs.btrfs',
    'busybox-static': 'busybox',
    chromium: 'chromium',
    'docker.io': 'dockerd',
    duplicity: 'duplicity',
    fish: 'fish',
    'nginx-light': 'nginx',
    openssl: 'openssl',
    'putty-tools': 'puttygen',
    restic: 'restic',
    rsnapshot: 'rsnapshot',
    shellcheck: 'shellcheck',
    sudo: 'sudo',
    tcsh: 'tcsh',
    'xz-utils': 'xz',
    zstd: 'zstd',
  },
  benchmarks: { ...ssh, 'ansible-core': 'ansible', chromium: 'chromium', findutils: 'xargs' },
}

/** Packages that would begin to serve by themselves. */
const services = [
  { name: 'openssh-server', title: 'SSH server', units: ['ssh.service', 'ssh.socket'] },
  { name: 'nginx-light', title: 'web server', units: ['nginx.service'] },
  { name: 'docker.io', title: 'Docker engine', units: ['docker.service', 'docker.socket'] },
]

const has = (program) =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) =>
    existsSync(join(folder, program)),
  )

/** Installs what the `tests` or the `benchmarks` lack, where that can be done without asking. */
export function installPrograms(purpose) {
  const wanted = programs[purpose]
  const missing = Object.keys(wanted)
    .filter((name) => !has(wanted[name]))
    .sort()
  if (missing.length === 0) return
  const prefix = privilege()
  if (!has('apt-get') || !prefix) {
    const how = has('apt-get')
      ? `Install them with: sudo apt-get install -y ${missing.join(' ')}`
      : `Install what your system calls the Debian packages: ${missing.join(', ')}`
    throw new SetupProblem(
      `The ${purpose} need programs that are not here: ${missing.map((name) => wanted[name]).join(', ')}. ${how}`,
    )
  }
  say(`Installing for the ${purpose}: ${missing.join(', ')} (about a minute, the first time only)…`)
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
  if (!existsSync('/run/systemd/system')) return
  // They start their own; this machine did not listen before and shall not do so because of them.
  for (const { title, units } of services.filter(({ name }) => missing.includes(name))) {
    run([...prefix, 'systemctl', 'disable', '--now', ...units])
    say(`The ${title} of this machine was left switched off: the ${purpose} start their own.`)
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
