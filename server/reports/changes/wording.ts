import { toOneLine } from '../../lib/printable.ts'
import { toDay, toPercent, toSize } from '../print/quantities.ts'
import type { Difference } from './difference.ts'

/** How a change of one place reads, and how much it tells: 100 is told first. */
export interface Wording {
  readonly path: string
  readonly tells: number
  /** `name` is the step that `*` stands for. */
  readonly words: (name: string, difference: Difference) => string
  /** Where many entries of one list came or went at once: `12 ports opened: …`. */
  readonly many?: (count: number, kind: Difference['kind']) => string
}

export const pick = <Value>(
  { kind }: { kind: Difference['kind'] },
  added: Value,
  removed: Value,
  changed: Value,
): Value => (kind === 'added' ? added : kind === 'removed' ? removed : changed)

export const fromTo = ({ before, after }: Difference): string =>
  `from ${toWords(before)} to ${toWords(after)}`
const came = (kind: Difference['kind'], added: string, removed: string) =>
  pick({ kind }, added, removed, removed)

/** The places we know, each as a person would tell it. A new agent works without; this makes it read well. */
export const wordings: readonly Wording[] = [
  { path: 'host.boot_id', tells: 97, words: () => 'The node was restarted' },
  {
    path: 'keys.*',
    tells: 96,
    words: (name, it) =>
      `Login keys ${pick(it, `appeared in ${name}`, `of ${name} are gone`, `in ${name} changed`)}`,
  },
  {
    path: 'users.*',
    tells: 95,
    words: (name, it) =>
      pick(it, `User ${name} was added`, `User ${name} was removed`, `User ${name} changed`),
  },
  {
    path: 'services.failed.*',
    tells: 93,
    words: (name, it) => pick(it, `${name} failed`, `${name} no longer fails`, `${name} changed`),
    many: (count, kind) => came(kind, `${count} services failed`, `${count} services no longer fail`),
  },
  {
    path: 'ports.external.*',
    tells: 92,
    words: (name, it) => pick(it, `Port ${name} opened`, `Port ${name} closed`, `Port ${name} changed`),
    many: (count, kind) => came(kind, `${count} ports opened`, `${count} ports closed`),
  },
  {
    path: 'sshd.*',
    tells: 91,
    words: (name, it) =>
      `SSH setting ${name} ${pick(it, `is now ${toWords(it.after)}`, 'is gone', `changed ${fromTo(it)}`)}`,
  },
  {
    path: 'disks.*',
    tells: 90,
    words: (name, it) =>
      pick(it, `${name} was mounted${sizeIn(it.after)}`, `${name} is no longer mounted`, `${name} changed`),
    many: (count, kind) => came(kind, `${count} disks were mounted`, `${count} disks are no longer mounted`),
  },
  { path: 'disks.*.state', tells: 89, words: (name, it) => `${name} changed ${fromTo(it)}` },
  {
    path: 'disks.*.ro',
    tells: 89,
    words: (name, it) => `${name} became ${it.after === true ? 'read-only' : 'writable'}`,
  },
  { path: 'disks.*.used', tells: 70, words: (name, it) => diskWords(name, it) },
  {
    path: 'disks.*.size',
    tells: 80,
    words: (name, it) => `The size of ${name} changed from ${sizeOf(it.before)} to ${sizeOf(it.after)}`,
  },
  {
    path: 'storage.*.*',
    tells: 88,
    words: (name, it) => pick(it, `${name} appeared`, `${name} is gone`, `${name} changed`),
  },
  { path: 'host.kernel', tells: 75, words: (_, it) => `The kernel changed ${fromTo(it)}` },
  { path: 'host.os_version', tells: 76, words: (_, it) => `The system changed ${fromTo(it)}` },
  { path: 'host.hostname', tells: 74, words: (_, it) => `The host name changed ${fromTo(it)}` },
  { path: 'host.cpus', tells: 73, words: (_, it) => `The number of processors changed ${fromTo(it)}` },
  {
    path: 'load.memory.total',
    tells: 73,
    words: (_, it) => `Memory changed from ${sizeOf(it.before)} to ${sizeOf(it.after)}`,
  },
  {
    path: 'updates.reboot',
    tells: 72,
    words: (_, it) => (it.after === true ? 'A restart is now needed' : 'A restart is no longer needed'),
  },
  { path: 'updates.security', tells: 65, words: (_, it) => `Security updates pending changed ${fromTo(it)}` },
  { path: 'updates.upgradable', tells: 60, words: (_, it) => `Updates pending changed ${fromTo(it)}` },
  {
    path: 'updates.security_pkgs.*',
    tells: 58,
    words: (name, it) =>
      pick(
        it,
        `A security update for ${name} is waiting`,
        `The security update for ${name} is no longer waiting`,
        `The security update for ${name} changed`,
      ),
    many: (count, kind) =>
      came(kind, `${count} security updates are waiting`, `${count} security updates are no longer waiting`),
  },
  {
    path: 'certs.*',
    tells: 68,
    words: (name, it) => `The certificate at ${name} ${pick(it, 'appeared', 'is gone', 'changed')}`,
  },
  {
    path: 'certs.*.not_after',
    tells: 69,
    words: (name, it) => `The certificate at ${name} was renewed until ${dayOf(it.after)}`,
  },
  { path: 'network.gateway', tells: 67, words: (_, it) => `The gateway changed ${fromTo(it)}` },
  {
    path: 'network.dns.*',
    tells: 66,
    words: (name, it) =>
      pick(
        it,
        `DNS server ${name} was added`,
        `DNS server ${name} was removed`,
        `DNS server ${name} changed`,
      ),
  },
  {
    path: 'network.addresses.*',
    tells: 66,
    words: (name, it) =>
      pick(it, `Address ${name} was added`, `Address ${name} is gone`, `Address ${name} changed`),
  },
  {
    path: 'network.ifaces.*.addresses.*',
    tells: 66,
    words: (name, it) =>
      pick(it, `Address ${name} was added`, `Address ${name} is gone`, `Address ${name} changed`),
  },
  {
    path: 'network.ifaces.*',
    tells: 50,
    words: (name, it) =>
      pick(
        it,
        `Network interface ${name} appeared`,
        `Network interface ${name} is gone`,
        `Network interface ${name} changed`,
      ),
  },
  {
    path: 'network.ifaces.*.oper',
    tells: 64,
    words: (name, it) => `Network interface ${name} went ${fromTo(it)}`,
  },
  {
    path: 'time.synced',
    tells: 62,
    words: (_, it) =>
      it.after === true ? 'The clock is synchronised again' : 'The clock is no longer synchronised',
  },
  {
    path: 'containers.*',
    tells: 63,
    words: (name, it) =>
      pick(it, `Container ${name} appeared`, `Container ${name} is gone`, `Container ${name} changed`),
  },
  { path: 'containers.*.id', tells: 57, words: (name) => `Container ${name} was made anew` },
  { path: 'containers.*.image', tells: 58, words: (name, it) => `Container ${name} changed ${fromTo(it)}` },
  { path: 'containers.*.state', tells: 61, words: (name, it) => `Container ${name} changed ${fromTo(it)}` },
  { path: 'containers.*.health', tells: 59, words: (name, it) => `Health of ${name} changed ${fromTo(it)}` },
]

interface Use {
  readonly used: number
  readonly pct: number
}
const isUse = (value: unknown): value is Use =>
  typeof value === 'object' && value !== null && 'used' in value && 'pct' in value

function diskWords(name: string, difference: Difference): string {
  const { before, after } = difference
  if (!isUse(before) || !isUse(after)) return `${name} holds another amount`
  const grew = after.used >= before.used
  const moved = `${grew ? '+' : '−'}${toSize(Math.abs(after.used - before.used))}`
  const was = toPercent(before.pct)
  const is = toPercent(after.pct)
  return `${name} ${grew ? 'grew' : 'shrank'}${was === is ? '' : ` from ${was} to ${is}`} (${moved})`
}

/** A single value as a person reads it. */
export function toWords(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return toOneLine(typeof value === 'string' ? value : JSON.stringify(value), 80)
}

const sizeOf = (value: unknown): string => (typeof value === 'number' ? toSize(value) : toWords(value))
const dayOf = (value: unknown): string =>
  typeof value === 'number' ? toDay(new Date(value * 1_000)) : toWords(value)

function sizeIn(value: unknown): string {
  const size = typeof value === 'object' && value !== null && 'size' in value ? value.size : null
  return typeof size === 'number' ? ` (${toSize(size)})` : ''
}
