import { execFileSync, spawn } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Report } from '../contract/reports.ts'
import { testHouse } from './house.ts'
import { startSshd } from './sshd.ts'

/**
 * `node testbed/capture-reports.ts`: runs System Health on this machine over real SSH, again and again while nothing
 * happens and once during each of several faults that are really made, and keeps the reports in `captured-reports.jsonl`
 * without the names of this machine. Takes some minutes, needs root for the file systems, and a machine with nothing
 * else to do.
 */
const quietRuns = 16
const pauseMs = 6_000
const file = resolve(import.meta.dirname, 'captured-reports.jsonl')

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

/** A small file system of its own, on a file. */
function makeDisk(name: string): string {
  const image = join(place, `${name}.img`)
  writeFileSync(image, '')
  truncateSync(image, 128 << 20)
  execFileSync('mkfs.ext4', ['-q', '-m', '0', '-N', '2000', image])
  return image
}

function mount(image: string): { path: string; undo: () => void } {
  const path = image.replace(/\.img$/, '')
  mkdirSync(path, { recursive: true })
  execFileSync('mount', ['-o', 'loop', image, path])
  return { path, undo: () => void execFileSync('umount', [path]) }
}

/** Fills a file system up to a share of it. Returns how to empty it again. */
function fill(folder: string, share: number): () => void {
  const { bsize, blocks, bavail } = statfsSync(folder)
  const path = join(folder, 'filling')
  writeFileSync(path, Buffer.alloc(Math.max(0, bavail * bsize - (1 - share) * blocks * bsize)))
  return () => rmSync(path)
}

/** Uses up so many of its 2,000 inodes. */
function useInodes(folder: string, count: number): () => void {
  const files = Array.from({ length: count }, (_, at) => join(folder, `small-${at}`))
  for (const file of files) writeFileSync(file, '')
  return () => {
    for (const file of files) rmSync(file)
  }
}

function run(command: string, ...args: string[]): () => void {
  const child = spawn(command, args, { stdio: 'ignore' })
  return () => void child.kill('SIGKILL')
}

const python = (code: string) => run('python3', '-c', code)

// Both are there all the time, so that what happens to them is the only news.
const [data, other] = [makeDisk('data'), makeDisk('other')]
const disk = mount(data)
try {
  for (let at = 0; at < quietRuns; at++) {
    await look('nothing', null)
    await sleepFor(pauseMs)
  }
  await during('a disk fills', true, () => fill(disk.path, 0.97))
  await during('inodes run out', true, () => useInodes(disk.path, 1_960))
  await during('a mount is gone', true, () => {
    disk.undo()
    return () => void mount(data)
  })
  await during('a file system appears', true, () => mount(other).undo)
  await during('a file system is read-only', true, () => {
    execFileSync('mount', ['-o', 'remount,ro', disk.path])
    return () => void execFileSync('mount', ['-o', 'remount,rw', disk.path])
  })
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
  await during('inodes are used up fast', false, () => useInodes(disk.path, 1_100))
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
  await during('a disk is half full', false, () => fill(disk.path, 0.5))
} finally {
  disk.undo()
  rmSync(place, { recursive: true, force: true })
  await house.close()
  await sshd.stop()
}

writeFileSync(file, captured.map((one) => `${withoutNames(JSON.stringify(one))}\n`).join(''))

/** Names of this machine mean nothing to others. */
function withoutNames(text: string): string {
  return text
    .replaceAll(place, '/srv')
    .replaceAll(new RegExp(`\\b${hostname()}\\b`, 'g'), 'captured')
    .replaceAll(readFileSync('/proc/1/comm', 'utf8').trim(), 'init')
    .replaceAll(/\b(?:\d{1,3}\.){3}\d{1,3}\b/g, (address) =>
      /^(?:127|0)\./.test(address) ? address : '192.0.2.7',
    )
    .replaceAll(/\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/g, '02:00:00:00:00:01')
    .replaceAll(/SHA256:[\w+/=]{20,}/g, 'SHA256:removed')
}
