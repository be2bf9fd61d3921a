import * as z from 'zod'
import {
  type Repository,
  type RepositoryKind,
  repositoryKinds,
  repositoryStates,
  validatorId,
} from '../../contract/repositories.ts'
import type { Report } from '../../contract/reports.ts'
import { toOneLine } from '../lib/printable.ts'

/** What one run of the Backup Validator says about one repository. */
export interface Sight {
  readonly kind: RepositoryKind
  readonly location: string
  readonly state: Exclude<Repository['state'], 'unseen'>
  readonly newestAt: string | null
  readonly backups: number
  readonly sizeBytes: number | null
  readonly check: Repository['check']
  readonly drill: Repository['drill']
  /** Set only by a drill in which everything came back as it should. */
  readonly proof: Repository['proof']
  readonly findings: Repository['findings']
}

/** Repositories taken from one report; the agent itself looks at no more. */
const most = 150

const amount = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).catch(0)
const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable().catch(null)
const factOfTarget = z.object({
  name: z.string().min(1).max(1_000),
  kind: z.enum(repositoryKinds),
  state: z.enum(repositoryStates).exclude(['unseen']).catch('error'),
  newest_at: z.number().nullable().catch(null),
  backups: amount,
  size,
  checks: z.array(z.object({ how: z.string(), ok: z.boolean() })).catch([]),
  drill: z
    .object({
      proved: z.boolean(),
      files: amount,
      bytes: amount,
      identical: amount,
      failed: z.object({ said: z.string() }).nullable().catch(null),
      stopped: z.string().nullable().catch(null),
      wrong: z.array(z.unknown()).catch([]),
    })
    .nullable()
    .catch(null),
})
type FactOfTarget = z.infer<typeof factOfTarget>

/**
 * Reads what a report says about repositories. It is a node's word: what does not fit is left out, and instants of proofs
 * are those of this server.
 */
export function parseSights(report: Report): Sight[] {
  const { targets } = report.facts
  if (report.agentId !== validatorId || !Array.isArray(targets)) return []
  const sights = new Map<string, Sight>()
  for (const target of targets.slice(0, most)) {
    const { data } = factOfTarget.safeParse(target)
    if (!data) continue
    const sight = toSight(data, report)
    sights.set(`${sight.kind}:${sight.location}`, sight)
  }
  return [...sights.values()]
}

function toSight(fact: FactOfTarget, report: Report): Sight {
  const { kind, state, backups, size: sizeBytes, checks } = fact
  const location = toOneLine(fact.name, 400)
  const { createdAt: at, executionId } = report
  return {
    kind,
    location,
    state,
    newestAt: toInstant(fact.newest_at),
    backups,
    sizeBytes,
    check:
      checks.length === 0
        ? null
        : {
            at,
            isWhole: checks.every(({ ok }) => ok),
            how: toOneLine(checks.map(({ how }) => how).join('; '), 200),
          },
    drill: fact.drill && { at, executionId, isProved: fact.drill.proved, why: whyNot(fact.drill) },
    proof: toProof(fact, report),
    findings: countFindings(fact.name, report),
  }
}

function toProof({ drill }: FactOfTarget, { createdAt: at, executionId }: Report): Repository['proof'] {
  if (!drill?.proved || drill.files === 0) return null
  const { files, bytes, identical } = drill
  return { at, executionId, files, bytes, identical }
}

function whyNot({ proved, failed, stopped, wrong }: NonNullable<FactOfTarget['drill']>): string | null {
  if (proved) return null
  if (failed) return toOneLine(failed.said, 300)
  if (stopped) return toOneLine(stopped, 300)
  return wrong.length > 0 ? `${wrong.length} files are wrong` : 'no file was restored'
}

/** Open findings whose subject is the repository or something in it. */
function countFindings(name: string, { findings }: Report): Repository['findings'] {
  const counts = { critical: 0, high: 0, warning: 0, info: 0 }
  for (const { rule, subject, severity, state } of findings) {
    if (rule.startsWith('backup.') && state !== 'resolved' && isWithin(subject, toOneLine(name)))
      counts[severity]++
  }
  return counts
}

/** `/srv/b`, `/srv/b [nas]` and `/srv/b/x.tar`, but not `/srv/b2`. */
const isWithin = (subject: string, name: string): boolean =>
  subject === name || subject.startsWith(`${name} [`) || subject.startsWith(`${name}/`)

/** Years in which backups are made. */
const earliest = Date.UTC(1990, 0, 1)
const latest = Date.UTC(2200, 0, 1)

function toInstant(unixSeconds: number | null): string | null {
  const ms = Math.round((unixSeconds ?? Number.NaN) * 1_000)
  return ms >= earliest && ms <= latest ? new Date(ms).toISOString() : null
}
