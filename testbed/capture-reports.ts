import { spawn } from 'node:child_process'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Report } from '../contract/reports.ts'
import { testHouse } from './house.ts'
import { startSshd } from './sshd.ts'

/**
 * `node testbed/capture-reports.ts`: runs System Health on this machine over real SSH, again and again while nothing
 * happens and once during each of several faults that are really made, and keeps the reports in `captured-reports.json`
 * without the names of this machine. Takes some minutes, needs root for the file systems, and a machine with nothing
 * else to do.
 */
const quietRuns = Number(process.env.RUNS ?? 16)
const pauseMs = Number(process.env.PAUSE_MS ?? 15_000)
const file = resolve(import.meta.dirname, 'captured-reports.json')

const sshd = await startSshd()
const house = await testHouse()
const node = await house.drive.addNode(sshd, { name: 'captured' })
const place = mkdtempSync(join(tmpdir(), 'carl-captured-'))
const captured: { what: string; isKnown: boolean | null; report: Captured }[] = []

type Captured = Pick<Report, 'schema' | 'findings' | 'facts' | 'gaps'>

async function look(what: string, isKnown: boolean | null): Promise<void> {
  const { id } = await house.drive.run('system-health', node.id)
  await house.drive.untilEnded(id)
  const { schema, findings, facts, gaps } = await house.drive.client.executions.report({ params: { id } })
  captured.push({ what, isKnown, report: { schema, findings, facts, gaps } })
  process.stdout.write(`${what}\n`)
}

/** Makes a fault, looks, and takes it away again. */
async function during(what: string, isKnown: boolean, make: () => (() => void) | Promise<() => void>) {
  const undo = await make()
  try {
    await look(what, isKnown)
  } finally {
    undo()
  }
  await sleepFor(2_000)
}

function mount(name: string, options: string): { path: string; undo: () => void } {
  const path = join(place, name)
  mkdirSync(path, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path])
  return { path, undo: () => void execFileSync('umount', ['-l', path]) }
}

function run(command: string, ...args: string[]): () => void {
  const child = spawn(command, args, { stdio: 'ignore' })
  return () => void child.kill('SIGKILL')
}

const python = (code: string) => run('python3', '-c', code)

// A small file system that is there all the time, so that its filling is the only news.
const disk = mount('data', 'size=64m,nr_inodes=1000')
writeFileSync(join(disk.path, 'some'), Buffer.alloc(20 << 20))
try {
  for (let at = 0; at < quietRuns; at++) {
    await look('nothing', null)
    await sleepFor(pauseMs)
  }
  await during('a disk fills', true, () => {
    const path = join(disk.path, 'more')
    writeFileSync(path, Buffer.alloc(43 << 20))
    return () => rmSync(path)
  })
  await during('inodes run out', true, () => {
    for (let at = 0; at < 970; at++) writeFileSync(join(disk.path, `small-${at}`), '')
    return () => {
      for (let at = 0; at < 970; at++) rmSync(join(disk.path, `small-${at}`))
    }
  })
  await during('a mount is gone', true, () => {
    disk.undo()
    return () => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,nr_inodes=1000', 'tmpfs', disk.path])
      writeFileSync(join(disk.path, 'some'), Buffer.alloc(20 << 20))
    }
  })
  await during('a file system appears', true, () => mount('other', 'size=32m').undo)
  await during('a port opens', true, async () => {
    const undo = python(
      'import socket,time\ns=socket.socket()\ns.bind(("0.0.0.0",4444))\ns.listen()\ntime.sleep(600)',
    )
    await sleepFor(1_000)
    return undo
  })
  await during('processes are not buried', true, async () => {
    const undo = python(
      'import os,time\nfor _ in range(15):\n  if os.fork()==0: os._exit(0)\ntime.sleep(600)',
    )
    await sleepFor(1_000)
    return undo
  })
  await during('a restart is due', true, () => {
    writeFileSync('/run/reboot-required', '*** System restart required ***\n')
    return () => rmSync('/run/reboot-required')
  })
  await during('inodes are used up fast', false, () => {
    for (let at = 0; at < 600; at++) writeFileSync(join(disk.path, `half-${at}`), '')
    return () => {
      for (let at = 0; at < 600; at++) rmSync(join(disk.path, `half-${at}`))
    }
  })
  await during('memory fills', false, async () => {
    const total = Number(/MemTotal:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024
    const undo = python(`import time\nx=bytearray(b"x")*${Math.round(total * 0.35)}\ntime.sleep(600)`)
    await sleepFor(8_000)
    return undo
  })
  await during('the machine is busy', false, async () => {
    const undo = [0, 1, 2, 3].map(() => python('while True: pass'))
    await sleepFor(20_000)
    return () => {
      for (const one of undo) one()
    }
  })
  await during('a disk is half full', false, () => {
    const path = join(disk.path, 'half')
    writeFileSync(path, Buffer.alloc(24 << 20))
    return () => rmSync(path)
  })
} finally {
  disk.undo()
  rmSync(place, { recursive: true, force: true })
  await house.close()
  await sshd.stop()
}

writeFileSync(file, `[\n${captured.map((one) => withoutNames(JSON.stringify(one))).join(',\n')}\n]\n`)

/** Names of this machine mean nothing to others. */
function withoutNames(text: string): string {
  return text
    .replaceAll(place, '/srv')
    .replaceAll(hostname(), 'captured')
    .replaceAll(/\b(?:\d{1,3}\.){3}\d{1,3}\b/g, (address) =>
      /^(?:127|0)\./.test(address) ? address : '192.0.2.7',
    )
    .replaceAll(/\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/g, '02:00:00:00:00:01')
    .replaceAll(/SHA256:[\w+/=]{20,}/g, 'SHA256:removed')
}
