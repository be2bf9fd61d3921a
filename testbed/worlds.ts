import type { Finding, Report } from '../contract/reports.ts'
import { sampleReport } from './sample-report.ts'

/** A source of the same numbers every time. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

interface Disk {
  mount: string
  pct: number
  used: number
  inode_pct: number
  state: string
}
/** A machine as System Health sees it, small enough to be changed by hand. */
export interface World {
  kernel: string
  uptime_s: number
  disks: Disk[]
  busy: number
  load: number[]
  memory: { total: number; available: number; pct: number }
  temperature: number
  failed: string[]
  running: number
  ports: string[]
  upgradable: number
  security: number
  raid: string
  certDays: number
  errors: number
  tail: string[]
  pkgs: string[]
  skewS: number
}

const between = (random: () => number, low: number, high: number) => low + random() * (high - low)
const whole = (random: () => number, low: number, high: number) => Math.floor(between(random, low, high + 1))

/** A machine of its own kind, where most things are in order. */
export function newWorld(random: () => number): World {
  const failed = random() < 0.7 ? ['backup.service'] : []
  return {
    kernel: '6.1.0-31-amd64',
    uptime_s: whole(random, 1e5, 1e7),
    disks: ['/', '/var', '/srv'].map((mount) => {
      const pct = whole(random, 20, 85)
      return { mount, pct, used: pct * 1e9, inode_pct: whole(random, 3, 30), state: 'ok' }
    }),
    busy: whole(random, 4, 30),
    load: [0.4, 0.4, 0.3],
    memory: { total: 16e9, available: 10e9, pct: whole(random, 25, 55) },
    temperature: whole(random, 38, 52),
    failed,
    running: whole(random, 30, 60),
    ports: ['tcp/22', 'tcp/80', 'tcp/443'],
    upgradable: whole(random, 0, 20),
    security: 0,
    raid: 'clean',
    certDays: whole(random, 20, 80),
    errors: 0,
    tail: ['Nov 23 03:00:01 nas backup[811]: repository is locked'],
    pkgs: ['vim', 'curl'],
    skewS: 0.01,
  }
}

/** An hour on a machine where nothing happens. */
export function anHourLater(world: World, random: () => number): World {
  const near = (value: number, by: number) => value + between(random, -by, by)
  return {
    ...world,
    uptime_s: world.uptime_s + 3_600,
    disks: world.disks.map((disk) => ({ ...disk, used: disk.used + between(random, 0, 3e7), pct: disk.pct })),
    busy: Math.max(0, near(world.busy, 2)),
    load: world.load.map((one) => Math.max(0, near(one, 0.15))),
    memory: { ...world.memory, available: near(world.memory.available, 2e8), pct: near(world.memory.pct, 1) },
    temperature: near(world.temperature, 1.5),
    tail: world.tail.map((line) => line.replace(/\[\d+\]/, `[${whole(random, 300, 9_000)}]`)),
    pkgs: random() < 0.2 ? [...world.pkgs, `lib${whole(random, 1, 999)}`] : world.pkgs,
  }
}

/** Its report. Findings are those of before, unless somebody says otherwise. */
export function toReport(world: World): Report {
  const [base] = sampleReport.findings
  if (!base) throw new Error('the sample has findings')
  const finding = (rule: string, subject: string, evidence: Record<string, unknown>): Finding => ({
    ...base,
    rule,
    subject,
    key: `${rule}:${subject}`,
    title: `${rule} ${subject}`,
    evidence,
    state: 'known',
  })
  return {
    ...sampleReport,
    gaps: [],
    findings: [
      ...world.failed.map((unit) => finding('svc.failed', unit, { tail: world.tail })),
      ...world.disks
        .filter(({ pct }) => pct >= 90)
        .map(({ mount, pct }) => finding('disk.full', mount, { mount, pct })),
      ...(world.security > 0 ? [finding('upd.security', 'apt', { security: world.security })] : []),
    ],
    facts: {
      host: { os_id: 'debian', kernel: world.kernel, uptime_s: world.uptime_s },
      disks: world.disks,
      load: { cpu: { busy: world.busy, load: world.load }, memory: world.memory },
      services: { failed: world.failed, running: world.running },
      ports: { external: world.ports },
      updates: {
        upgradable: world.upgradable,
        security: world.security,
        pkgs: world.pkgs.map((name) => ({ name })),
      },
      storage: { arrays: [{ name: 'md0', state: world.raid }] },
      certs: [{ where: '/etc/ssl/a.pem', days_left: world.certDays }],
      network: { ifaces: [{ name: 'eth0', rx_errors: world.errors }] },
      thermal: [{ chip: 'coretemp', label: 'Core 0', c: world.temperature }],
      time: { offset_s: world.skewS },
    },
  }
}

/** Something that happens to a machine. */
export type WorldChange = (world: World, random: () => number) => World
const onDisk =
  (change: Partial<Disk>): WorldChange =>
  (world) => ({
    ...world,
    disks: world.disks.map((disk, index) => (index === 1 ? { ...disk, ...change } : disk)),
  })

/** Faults that rules know; words about another run are false of every one of them. */
export const knownFaults: Record<string, WorldChange> = {
  'a disk fills': onDisk({ pct: 97, used: 97e9 }),
  'a disk hangs': onDisk({ state: 'hangs' }),
  'a mount is gone': (world) => ({ ...world, disks: world.disks.slice(0, 2) }),
  'a service fails': (world) => ({ ...world, failed: [...world.failed, 'postgres.service'] }),
  'the fault is over': (world) => ({ ...world, failed: world.failed.length > 0 ? [] : ['cron.service'] }),
  'another service fails instead': (world) => ({ ...world, failed: ['nginx.service'] }),
  'a port opens': (world) => ({ ...world, ports: [...world.ports, 'tcp/4444'] }),
  'a port closes': (world) => ({ ...world, ports: world.ports.slice(1) }),
  'security updates wait': (world) => ({ ...world, security: 4, upgradable: world.upgradable + 4 }),
  'an array degrades': (world) => ({ ...world, raid: 'degraded' }),
  'the kernel is another': (world) => ({ ...world, kernel: '6.1.0-32-amd64' }),
  'a log says something new': (world) => ({
    ...world,
    failed: ['backup.service'],
    tail: ['Nov 23 04:00:01 nas backup[9]: checksum of snapshot does not match'],
  }),
}
/** Changes that no rule speaks about. */
export const unknownChanges: Record<string, WorldChange> = {
  'inodes run out': onDisk({ inode_pct: 78 }),
  'memory fills': (world) => ({
    ...world,
    memory: { ...world.memory, pct: world.memory.pct + 30, available: 2e9 },
  }),
  'the machine is busy': (world) => ({ ...world, busy: world.busy + 55, load: [6, 5, 4] }),
  'it runs hot': (world) => ({ ...world, temperature: world.temperature + 24 }),
  'frames are lost': (world) => ({ ...world, errors: 5_000 }),
  'the clock is off': (world) => ({ ...world, skewS: 42 }),
  'services are fewer': (world) => ({ ...world, running: Math.round(world.running * 0.6) }),
  'a certificate comes to its end': (world) => ({ ...world, certDays: Math.round(world.certDays * 0.2) }),
}
