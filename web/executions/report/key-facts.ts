import { type Facts, isRecord, list, number, record, text } from './json.ts'

/** A disk as the key facts show it; `percent` null where the node gave no figures. */
export interface DiskFact {
  readonly mount: string
  readonly used: number | null
  readonly total: number | null
  readonly percent: number | null
  /** What is the matter, where there are no figures. */
  readonly state: string | null
}

/** The few facts that people ask for, as far as the report has them. */
export interface KeyFacts {
  readonly disks: readonly DiskFact[]
  readonly memory: { readonly used: number; readonly total: number; readonly percent: number } | null
  readonly swap: { readonly used: number; readonly total: number; readonly percent: number } | null
  readonly cpu: {
    readonly count: number | null
    readonly busy: number | null
    readonly load: readonly number[]
  } | null
  readonly system: {
    readonly name: string | null
    readonly kernel: string | null
    readonly arch: string | null
  } | null
  readonly uptimeS: number | null
  /** What can be reached from outside, e.g. `tcp/22`; null when not known. */
  readonly ports: readonly string[] | null
  readonly services: { readonly failed: readonly string[]; readonly running: number | null } | null
  readonly updates: {
    readonly pending: number | null
    readonly security: number
    readonly restart: boolean
  } | null
  readonly hottest: { readonly name: string; readonly celsius: number } | null
}

/** Nothing is expected of the shape of facts: what is not as we know it is left out. */
export function toKeyFacts(facts: Facts): KeyFacts {
  return {
    disks: list(facts['disks'])
      .map(toDisk)
      .filter((disk) => disk !== null),
    memory: memoryOf(facts),
    swap: swapOf(facts),
    cpu: cpuOf(facts),
    system: systemOf(facts),
    uptimeS: number(record(facts['host'])['uptime_s']),
    ports: portsOf(facts),
    services: servicesOf(facts),
    updates: updatesOf(facts),
    hottest: hottestOf(facts),
  }
}

/** Whether there is anything to show. */
export const hasKeyFacts = ({ disks, ...rest }: KeyFacts): boolean =>
  disks.length > 0 || Object.values(rest).some((value) => value !== null)

function toDisk(value: unknown): DiskFact | null {
  const disk = record(value)
  const mount = text(disk['mount'])
  if (mount === null) return null
  const used = number(disk['used'])
  const available = number(disk['avail'])
  const total = used === null || available === null ? null : used + available
  const percent = number(disk['pct']) ?? (total && used !== null ? (100 * used) / total : null)
  return { mount, used, total, percent: used === null ? null : percent, state: text(disk['state']) }
}

function memoryOf(facts: Facts): KeyFacts['memory'] {
  const { total, available, pct } = record(record(facts['load'])['memory'])
  const all = number(total)
  const free = number(available)
  if (all === null || all <= 0 || free === null) return null
  return { used: all - free, total: all, percent: number(pct) ?? (100 * (all - free)) / all }
}

function swapOf(facts: Facts): KeyFacts['swap'] {
  const memory = record(record(facts['load'])['memory'])
  const total = number(memory['swap_total'])
  const used = number(memory['swap_used'])
  return total && used !== null ? { used, total, percent: (100 * used) / total } : null
}

function cpuOf(facts: Facts): KeyFacts['cpu'] {
  const cpu = record(record(facts['load'])['cpu'])
  const count = number(record(facts['host'])['cpus']) ?? number(cpu['count'])
  const idle = number(cpu['idle'])
  const busy = number(cpu['busy']) ?? (idle === null ? null : Math.min(100, Math.max(0, 100 - idle)))
  const load = list(cpu['load'])
    .map(number)
    .filter((one) => one !== null)
    .slice(0, 3)
  return count === null && busy === null && load.length === 0 ? null : { count, busy, load }
}

function systemOf(facts: Facts): KeyFacts['system'] {
  const host = record(facts['host'])
  const words = [text(host['os_id']), text(host['os_version'])].filter(Boolean).join(' ')
  const name = text(host['os_name']) ?? (words || null)
  const kernel = text(host['kernel'])
  return name === null && kernel === null ? null : { name, kernel, arch: text(host['arch']) }
}

function portsOf(facts: Facts): KeyFacts['ports'] {
  const { external } = record(facts['ports'])
  return Array.isArray(external) ? external.map(String) : null
}

function servicesOf(facts: Facts): KeyFacts['services'] {
  const { failed, running } = record(facts['services'])
  if (!Array.isArray(failed)) return null
  const names = failed.map((one) => (isRecord(one) ? text(one['unit'] ?? one['name']) : text(one)))
  return { failed: names.filter((name) => name !== null), running: number(running) }
}

function updatesOf(facts: Facts): KeyFacts['updates'] {
  if (!isRecord(facts['updates'])) return null
  const { upgradable, security, reboot, lists_age_d: age } = facts['updates']
  // A node that never asked what there is knows of nothing.
  const isKnown = number(age) !== null || number(upgradable) !== 0
  return {
    pending: isKnown ? number(upgradable) : null,
    security: number(security) ?? 0,
    restart: reboot === true,
  }
}

function hottestOf(facts: Facts): KeyFacts['hottest'] {
  const sensors = list(facts['thermal']).flatMap((value) => {
    const { chip, label, c } = record(value)
    const celsius = number(c)
    return celsius === null ? [] : [{ name: [text(chip), text(label)].filter(Boolean).join(' '), celsius }]
  })
  return sensors.toSorted((a, b) => b.celsius - a.celsius)[0] ?? null
}
