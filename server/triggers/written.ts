import * as z from 'zod'
import type { AgentManifest } from '../../contract/agent-manifest.ts'
import { parseTargets } from '../../contract/targets.ts'
import { fail } from '../lib/errors.ts'

/** What documents of schedules and of triggers have in common. */

export const lengthText = z.union([z.string(), z.number()])
export const words = z.union([z.string().transform(parseTargets), z.array(z.string())])

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

/** `90`, `90s`, `5m`, `2h`, `1d`. */
export function seconds(field: string, given: string | number): number {
  const match = /^(\d{1,9})\s*([smhdw]?)$/.exec(String(given).trim())
  if (!match) throw invalid(`${field}: ${given} is no length of time like 5m or 2h.`)
  return Number(match[1]) * (units[match[2] || 's'] ?? 1)
}

/** Words for options that people know, and what our agents call them. */
const otherNames: Readonly<Record<string, string>> = { test_restore: 'restore_drill' }

/** Options under the names that the agent has for them; `dry_run` is not one of the agent but of the run. */
export function toOptions(given: Record<string, unknown>, manifest: AgentManifest | undefined) {
  const known = manifest?.options.properties ?? {}
  const options: Record<string, unknown> = {}
  let dryRun = false
  for (const [name, value] of Object.entries(given)) {
    const camel = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    const found = [name, camel, otherNames[name] ?? name].find((one) => Object.hasOwn(known, one))
    if (camel === 'dryRun' && !found) {
      if (typeof value !== 'boolean') throw invalid('options: dry_run is true or false.')
      dryRun = value
    } else options[found ?? name] = value
  }
  return { options, dryRun }
}

/** `90m` of 5,400 seconds: the largest unit that comes out even. */
export function toLength(length: number): string {
  for (const unit of ['d', 'h', 'm']) {
    const size = units[unit] ?? 1
    if (length >= size && length % size === 0) return `${length / size}${unit}`
  }
  return `${length}s`
}

export const toDetail = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message)).join('; ')

export const invalid = (detail: string) => fail('schedule.document_invalid', { detail })
