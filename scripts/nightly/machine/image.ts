import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** A machine that can be started: its disk, its kernel, and what lets somebody in. */
export interface MachineImage {
  readonly disk: string
  readonly kernel: string
  readonly initrd: string
  /** Private key of root, and the line of the machine's own public key. */
  readonly rootKey: string
  readonly hostKey: string
  /** Whether it has ZFS, and why not. */
  readonly withoutZfs: string | null
}

const packages = [
  'systemd-sysv',
  'udev',
  'kmod',
  'iproute2',
  'openssh-server',
  'python3',
  'mdadm',
  'lvm2',
  'thin-provisioning-tools',
  'smartmontools',
  'btrfs-progs',
  'linux-image-amd64',
]

const addressUnit = `[Unit]
Description=The address of the emulator
Before=ssh.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'for it in /sys/class/net/e*; do ip link set "$(basename "$it")" up; ip addr replace 10.0.2.15/24 dev "$(basename "$it")"; done'
`

interface Build {
  readonly folder: string
  readonly suite: string
  readonly mirror: string
  /** ZFS is built from source within the machine's tree: a quarter of an hour. */
  readonly withZfs: boolean
  say(line: string): void
}

/** Builds a small Debian as a disk image, from packages alone. What is in the folder from before is used again. */
export function buildImage({ folder, suite, mirror, withZfs, say }: Build): MachineImage {
  const tree = join(folder, 'root')
  const disk = join(folder, 'disk.img')
  const rootKey = join(folder, 'root-key')
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 64 * 1_048_576 })

  if (!existsSync(join(folder, 'tree-is-whole'))) {
    rmSync(tree, { recursive: true, force: true })
    say(`Installing ${suite} into a folder (some minutes)…`)
    run(
      'debootstrap',
      '--variant=minbase',
      '--components=main,contrib',
      `--include=${packages.join(',')}`,
      suite,
      tree,
      mirror,
    )
    writeFileSync(join(folder, 'tree-is-whole'), '')
  }
  let withoutZfs: string | null = withZfs ? null : 'ZFS was not asked for (CARL_NIGHTLY_ZFS=1)'
  if (withZfs && !existsSync(join(tree, 'usr/sbin/zpool'))) {
    say('Building ZFS in it (a quarter of an hour)…')
    try {
      writeFileSync(join(tree, 'etc/apt/sources.list'), `deb ${mirror} ${suite} main contrib\n`)
      for (const args of [
        ['update'],
        ['install', '-y', '--no-install-recommends', 'linux-headers-amd64', 'zfs-dkms', 'zfsutils-linux'],
      ])
        run('chroot', tree, '/usr/bin/env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args)
    } catch (error) {
      withoutZfs = `ZFS could not be built: ${(error as Error).message.split('\n')[0]}`
    }
  }

  if (!existsSync(rootKey)) run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', rootKey)
  mkdirSync(join(tree, 'root/.ssh'), { recursive: true, mode: 0o700 })
  copyFileSync(`${rootKey}.pub`, join(tree, 'root/.ssh/authorized_keys'))
  const ownKey = join(tree, 'etc/ssh/ssh_host_ed25519_key')
  if (!existsSync(ownKey)) run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', ownKey)
  writeFileSync(join(tree, 'etc/fstab'), '/dev/vda / ext4 defaults 0 1\n')
  writeFileSync(join(tree, 'etc/hostname'), 'machine\n')
  // The emulator's own network always gives this address, and asks nobody for it.
  const unit = join(tree, 'etc/systemd/system/own-address.service')
  writeFileSync(unit, addressUnit)
  const wants = join(tree, 'etc/systemd/system/multi-user.target.wants')
  mkdirSync(wants, { recursive: true })
  for (const name of ['systemd-networkd.service', 'own-address.service'])
    rmSync(join(wants, name), { force: true })
  symlinkSync('/etc/systemd/system/own-address.service', join(wants, 'own-address.service'))
  // Nothing of the machine's own shall fetch, trim or check while it is looked at.
  for (const unit of [
    'apt-daily.timer',
    'apt-daily-upgrade.timer',
    'fstrim.timer',
    'e2scrub_all.timer',
    'mdcheck_start.timer',
    'mdmonitor.service',
  ]) {
    const place = join(tree, 'etc/systemd/system', unit)
    rmSync(place, { force: true })
    symlinkSync('/dev/null', place)
  }
  appendFileSync(join(tree, 'etc/ssh/sshd_config'), '\nUseDNS no\n')

  rmSync(disk, { force: true })
  run('mke2fs', '-q', '-t', 'ext4', '-d', tree, disk, '4G')
  const newest = (pattern: string): string => join(tree, globSync(pattern, { cwd: tree }).sort().at(-1) ?? '')
  return {
    disk,
    kernel: newest('boot/vmlinuz-*'),
    initrd: newest('boot/initrd.img-*'),
    rootKey,
    hostKey: `${ownKey}.pub`,
    withoutZfs,
  }
}
