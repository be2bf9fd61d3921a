import { toOneLine } from '../../lib/printable.ts'
import { toDuration, toPercent, toSize } from './quantities.ts'
import { toLabel, toReadable } from './values.ts'

/** One row of the table of facts; `percent` where a bar helps. */
export interface FactRow {
  readonly label: string
  readonly value: string
  readonly percent: number | null
}

type Facts = Readonly<Record<string, unknown>>

const disksShown = 12
const otherRows = 12

/** The few facts worth a table. Nothing is expected of their shape: what is not as we know it is left out. */
export function toKeyFacts(facts: Facts): FactRow[] {
  const known = [
    system(facts),
    uptime(facts),
    processor(facts),
    memory(facts),
    ...disks(facts),
    ports(facts),
    services(facts),
    updates(facts),
  ].filter((row) => row !== null)
  return known.length > 0 ? known : others(facts)
}

const row = (label: string, value: string, percent: number | null = null): FactRow => ({
  label,
  value,
  percent,
})
const joined = (parts: readonly (string | null)[]): string => parts.filter(Boolean).join(' · ')

function system(facts: Facts): FactRow | null {
  const host = record(facts['host'])
  const name = text(host['os_name']) ?? joinWords(text(host['os_id']), text(host['os_version']))
  const platform = text(host['platform'])
  const value = joined([
    name,
    platform && platform !== text(host['os_id']) ? platform : null,
    text(host['kernel']) && `kernel ${text(host['kernel'])}`,
    text(host['arch']),
  ])
  return value ? row('System', value) : null
}

function uptime(facts: Facts): FactRow | null {
  const seconds = number(record(facts['host'])['uptime_s'])
  return seconds === null ? null : row('Up for', toDuration(seconds))
}

function processor(facts: Facts): FactRow | null {
  const cpu = record(record(facts['load'])['cpu'])
  const count = number(record(facts['host'])['cpus']) ?? number(cpu['count'])
  const idle = number(cpu['idle'])
  const load = list(cpu['load'])
    .map(number)
    .filter((one) => one !== null)
  const value = joined([
    count === null ? null : `${count} ${count === 1 ? 'processor' : 'processors'}`,
    idle === null ? null : `${toPercent(Math.min(100, Math.max(0, 100 - idle)))} busy`,
    load.length > 0
      ? `load ${load
          .slice(0, 3)
          .map((one) => one.toFixed(2))
          .join(' ')}`
      : null,
  ])
  return value ? row('CPU', value) : null
}

function memory(facts: Facts): FactRow | null {
  const { total, available, pct } = record(record(facts['load'])['memory'])
  const all = number(total)
  const free = number(available)
  if (all === null || all <= 0 || free === null) return null
  const percent = number(pct) ?? (100 * (all - free)) / all
  return row('Memory', `${toSize(all - free)} of ${toSize(all)}`, percent)
}

function disks(facts: Facts): FactRow[] {
  const rows = list(facts['disks']).map((value) => {
    const disk = record(value)
    const mount = text(disk['mount'])
    if (mount === null) return null
    const used = number(disk['used'])
    const avail = number(disk['avail'])
    const percent = number(disk['pct'])
    if (used === null) return row(mount, text(disk['state']) ?? 'no figures')
    return row(mount, avail === null ? toSize(used) : `${toSize(used)} of ${toSize(used + avail)}`, percent)
  })
  const shown = rows.filter((one) => one !== null)
  const rest = shown.length - disksShown
  return rest > 0 ? [...shown.slice(0, disksShown), row('', `and ${rest} more disks`)] : shown
}

function ports(facts: Facts): FactRow | null {
  const ports_ = record(facts['ports'])
  if (!Array.isArray(ports_['external'])) return null
  const open = ports_['external']
  return row('Open ports', open.length === 0 ? 'none to the outside' : toReadable('ports', open))
}

function services(facts: Facts): FactRow | null {
  const services_ = record(facts['services'])
  if (!Array.isArray(services_['failed'])) return null
  const failed = services_['failed']
  const running = number(services_['running'])
  const state = failed.length === 0 ? 'none failed' : `failed: ${toReadable('failed', failed)}`
  return row('Services', joined([running === null ? null : `${running} running`, state]))
}

function updates(facts: Facts): FactRow | null {
  const { upgradable, security, reboot, lists_age_d: age } = record(facts['updates'])
  // A node that never asked what there is knows of nothing.
  const isKnown = number(age) !== null || number(upgradable) !== 0
  const count = isKnown ? number(upgradable) : null
  const urgent = number(security)
  const value = joined([
    count === null
      ? null
      : count === 0
        ? 'none pending'
        : `${count} pending${urgent ? `, ${urgent} for security` : ''}`,
    isKnown ? null : 'not known',
    reboot === true ? 'restart needed' : null,
  ])
  return value ? row('Updates', value) : null
}

/** Facts of an agent we do not know: single values, and how many there are of the rest. */
function others(facts: Facts): FactRow[] {
  return Object.entries(facts)
    .filter(([, value]) => typeof value !== 'object' || Array.isArray(value))
    .slice(0, otherRows)
    .map(([name, value]) =>
      row(
        toLabel(name),
        Array.isArray(value) && value.some((one) => typeof one === 'object')
          ? `${value.length} entries`
          : toReadable(name, value),
      ),
    )
}

const record = (value: unknown): Facts =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Facts) : {}
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null
const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? toOneLine(value, 80) : null
const joinWords = (...words: (string | null)[]): string | null => words.filter(Boolean).join(' ') || null
