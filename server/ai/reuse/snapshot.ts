import type { Report } from '../../../contract/reports.ts'
import { toTemplate } from '../redact/templates.ts'
import { wordSet } from '../redact/word-set.ts'

/** Raised when a report is taken down in another way, so that words about older ones are not reused. */
export const snapshotVersion = 2

/** What of a run decides whether words about another run would be true of it. */
export interface Snapshot {
  readonly schema: string
  /** Findings by rule, subject, severity and the ten of percent they stand at. */
  readonly findings: readonly string[]
  /** States and names that are never noise: services, mounts, ports, health, kernel. */
  readonly hard: readonly string[]
  /** All other words and truth values. */
  readonly soft: readonly string[]
  readonly numbers: Readonly<Record<string, number>>
  /** Kinds of log lines that stand as evidence. */
  readonly templates: readonly string[]
}

const hardSections = wordSet(
  'services disks ports storage sshd keys uid0 containers updates certs network auth raid zfs smart',
)
/** Differs from run to run on a machine where nothing happens, or is a measurement of the moment. */
const noise =
  /(?:^|_)(?:uptime_s|boot_time|pid|pids|inode|at|time|when|since|seen|stamp|ts|ms|jiffies|checked)$/
/** Packages and busy processes come and go by themselves; how many wait and how busy it is are numbers. */
const noisePath = /^updates\.(?:pkgs|security_pkgs)\b|^auth\.(?:last|recent)\b|\.top$|\.forecast$/

const most = { leaves: 20_000, lines: 1_000, templates: 200 }

/** Takes down what a later run is compared with. Nothing of it leaves the server. */
export function toSnapshot(report: Report): Snapshot {
  const hard = new Set<string>()
  const soft = new Set<string>()
  const templates = new Set<string>()
  const numbers: Record<string, number> = {}
  let leaves = 0

  function walk(what: unknown, path: string, name: string, isHard: boolean): void {
    if (leaves >= most.leaves) return
    if (typeof what === 'object' && what !== null) return walkInto(what, path, name, isHard)
    leaves++
    if (noise.test(name)) return
    if (typeof what === 'number') {
      numbers[path] = what
      return
    }
    ;(isHard || name === 'kernel' ? hard : soft).add(`${path}=${String(what)}`)
  }
  function walkInto(what: object, path: string, name: string, isHard: boolean): void {
    // What is noise by its path is a list or a group.
    if (noisePath.test(path)) return
    if (!Array.isArray(what)) {
      for (const [field, inner] of Object.entries(what)) {
        walk(inner, `${path}.${field}`, field, isHard || hardSections.has(field))
      }
      return
    }
    if (isLogName(name)) return addTemplates(what)
    for (const [index, one] of what.entries()) {
      if (isPassing(one)) continue
      const entry = nameOf(one) ?? String(index)
      walk(one, `${path}.${entry}`, entry, isHard)
    }
  }
  const addTemplates = (lines: readonly unknown[]) => {
    // As many of the newest as a model would be told of.
    for (const line of lines.slice(-most.lines)) {
      if (typeof line === 'string' && templates.size < most.templates) templates.add(toTemplate(line))
    }
  }

  for (const [section, what] of Object.entries(report.facts))
    walk(what, section, section, hardSections.has(section))
  const seen = report.findings.filter(
    ({ state, executionId }) => state !== 'resolved' && executionId === report.executionId,
  )
  for (const { key, evidence } of seen) walk(evidence, `evidence.${key}`, key, false)
  for (const { what } of report.gaps) hard.add(`gap=${what}`)

  return {
    schema: report.schema,
    findings: seen
      .map(({ rule, subject, severity, evidence }) => `${rule}|${subject}|${severity}|${bandOf(evidence)}`)
      .sort(),
    hard: [...hard].sort(),
    soft: [...soft].sort(),
    numbers,
    templates: [...templates].sort(),
  }
}

const isLogName = (name: string): boolean => /^(?:tail|lines?|log|logs|journal|messages|output)$/.test(name)

/** The ten of percent a finding stands at: 91 and 99 percent are not the same news. */
function bandOf({ pct }: Record<string, unknown>): number | '' {
  return typeof pct === 'number' ? Math.floor(pct / 10) : ''
}

/** A program that listens to this machine alone, at a port that was given to it by chance. Linux begins there. */
const firstPassingPort = 32_768
function isPassing(one: unknown): boolean {
  if (typeof one !== 'object' || one === null) return false
  const { scope, port } = one as Record<string, unknown>
  return scope === 'loopback' && typeof port === 'number' && port >= firstPassingPort
}

/** What tells an entry of a list from the others, wherever it stands; words stand for themselves. */
function nameOf(one: unknown): string | null {
  if (typeof one === 'string') return one
  if (typeof one !== 'object' || one === null) return null
  const { mount, unit, name, id, key, where, proto, port, serial, device, chip, label } = one as Record<
    string,
    unknown
  >
  const name_ = mount ?? unit ?? name ?? id ?? key ?? where ?? serial ?? device
  if (typeof name_ === 'string') return name_
  const parts = [proto, port, chip, label].filter(
    (part) => typeof part === 'string' || typeof part === 'number',
  )
  return parts.length > 0 ? parts.join('/') : null
}
