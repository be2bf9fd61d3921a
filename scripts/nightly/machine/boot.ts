import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, rmSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { MachineImage } from './image.ts'

const run = promisify(execFile)

/** A machine that runs. */
export interface Machine {
  readonly port: number
  /** Runs a script as root there. Throws with what it wrote when it fails. */
  sh(script: string): Promise<string>
  /** Asks the emulator for something, as its monitor calls it. */
  ask(command: string, args: Record<string, unknown>): Promise<unknown>
  stop(): Promise<void>
}

/** Spare disks, by the serial number that udev shows; /dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_SPARE0 and so on. */
const spares = 6
const spareMib = 256

/**
 * How long a machine may take to answer, milliseconds. Without the help of the processor it is slow; where that help is
 * offered and does not work, it stops early on and is started again without.
 */
const bootMs = { kvm: 90_000, tcg: 15 * 60_000 } as const
type Accelerator = keyof typeof bootMs

/** Starts a machine with spare disks and an NVMe drive, that reaches nothing. Its disk is left as it was. */
export async function boot(image: MachineImage, folder: string): Promise<Machine> {
  if (existsSync('/dev/kvm')) {
    const machine = await start(image, folder, 'kvm')
    if (machine) return machine
  }
  const machine = await start(image, folder, 'tcg')
  if (!machine) throw new Error(`the machine did not start; see ${join(folder, 'console.log')}`)
  return machine
}

/** Null when it did not answer in time. */
async function start(image: MachineImage, folder: string, accelerator: Accelerator): Promise<Machine | null> {
  const port = await freePort()
  const monitor = join(folder, 'monitor')
  rmSync(monitor, { force: true })
  const disks = Array.from({ length: spares + 1 }, (_, at) => join(folder, `spare-${at}.img`))
  for (const disk of disks) {
    rmSync(disk, { force: true })
    await run('truncate', ['-s', `${spareMib}M`, disk])
  }
  const spare = disks
    .slice(0, spares)
    .flatMap((disk, at) => [
      '-drive',
      `file=${disk},format=raw,if=none,id=d${at}`,
      '-device',
      `scsi-hd,drive=d${at},serial=SPARE${at}`,
    ])
  const child = spawn(
    'qemu-system-x86_64',
    [
      '-machine',
      `q35,accel=${accelerator}`,
      '-cpu',
      'max',
      '-m',
      '1536',
      '-smp',
      '2',
      '-nographic',
      '-no-reboot',
      '-snapshot',
      '-kernel',
      image.kernel,
      '-initrd',
      image.initrd,
      '-append',
      'root=/dev/vda rw console=ttyS0 quiet',
      '-drive',
      `file=${image.disk},format=raw,if=virtio`,
      '-device',
      'virtio-scsi-pci',
      ...spare,
      '-drive',
      `file=${disks.at(-1)},format=raw,if=none,id=nv`,
      '-device',
      'nvme,id=nvme0,serial=NVME0,drive=nv',
      '-netdev',
      `user,id=n,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`,
      '-device',
      'virtio-net-pci,netdev=n',
      '-qmp',
      `unix:${monitor},server=on,wait=off`,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const console = createWriteStream(join(folder, 'console.log'))
  child.stdout.pipe(console)
  child.stderr.pipe(console)
  const ended = once(child, 'close')

  const sh = async (script: string): Promise<string> => {
    const options = [
      '-q',
      '-i',
      image.rootKey,
      '-p',
      String(port),
      '-o',
      'BatchMode=yes',
      '-o',
      'ConnectTimeout=20',
    ]
    const known = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null']
    const { stdout } = await run('ssh', [...options, ...known, 'root@127.0.0.1', `set -e; ${script}`], {
      timeout: 10 * 60_000,
    })
    return stdout
  }

  async function stop(): Promise<void> {
    child.kill('SIGKILL')
    await ended
    for (const disk of disks) rmSync(disk, { force: true })
  }

  const deadline = Date.now() + bootMs[accelerator]
  for (;;) {
    const isUp = await sh('true').then(
      () => true,
      () => false,
    )
    if (isUp) return { port, sh, ask: (command, args) => askMonitor(monitor, command, args), stop }
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop()
      return null
    }
    await sleepFor(2_000)
  }
}

/** One command for the monitor of the emulator, on a connection of its own. */
async function askMonitor(path: string, command: string, args: Record<string, unknown>): Promise<unknown> {
  const socket = createConnection(path)
  let text = ''
  const line = async (): Promise<Record<string, unknown>> => {
    for (;;) {
      const end = text.indexOf('\n')
      if (end >= 0) {
        const told = JSON.parse(text.slice(0, end)) as Record<string, unknown>
        text = text.slice(end + 1)
        if ('event' in told) continue
        return told
      }
      const [chunk] = (await once(socket, 'data')) as [Buffer]
      text += chunk.toString()
    }
  }
  try {
    await line()
    for (const message of [{ execute: 'qmp_capabilities' }, { execute: command, arguments: args }]) {
      socket.write(`${JSON.stringify(message)}\n`)
      const told = await line()
      if ('error' in told) throw new Error(`${command}: ${JSON.stringify(told['error'])}`)
      if (message.execute === command) return told['return']
    }
    return null
  } finally {
    socket.destroy()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
