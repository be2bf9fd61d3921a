import type { ExecutionId } from '../contract/ids.ts'
import type { Report } from '../contract/reports.ts'
import { createExplain } from '../server/ai/explain/explain.ts'
import type { SavingReason } from '../contract/costs.ts'
import { createIds } from '../server/lib/id.ts'
import { createLogger } from '../server/lib/logger.ts'
import { aiFloor } from './ai-floor.ts'
import { sampleReport } from './sample-report.ts'

/** What explains reports, on a real database, with a program that plays Claude and reports that a test makes. */
export async function explainFloor(options: Parameters<typeof aiFloor>[0] = {}) {
  const floor = await aiFloor(options)
  const { ai, db, audit, clock, ledger } = floor
  const newId = createIds(clock)
  const reports = new Map<ExecutionId, Report>()
  const saved: SavingReason[] = []
  const { nodeId, agentId } = sampleReport
  const at = clock.now().toISOString()
  await db.write(async (tx) => {
    await tx
      .insertInto('node')
      .values({
        id: nodeId,
        name: 'nas',
        host: '127.0.0.1',
        port: 22,
        username: 'carl',
        credential_id: null,
        jump_node_id: null,
        transport: 'builtin',
        elevation: 'none',
        legacy_algorithms: 0,
        tags: '[]',
        allowed_agents: null,
        connections_per_hour: null,
        paused: 0,
        platform: '{}',
        python_hint: null,
        last_seen_at: null,
        last_problem: null,
        created_at: at,
        updated_at: at,
      })
      .onConflict((row) => row.doNothing())
      .execute()
  })
  const reportOf = async (id: ExecutionId): Promise<Report> => {
    const found = reports.get(id)
    if (!found) throw new Error(`there is no report of ${id}`)
    return structuredClone(found)
  }
  const explain = createExplain({
    db,
    ai,
    ledger,
    audit,
    reportOf,
    clock,
    newId,
    logger: createLogger('silent'),
    onSaved: async ({ reason }) => void saved.push(reason),
  })

  /** A run that ended with this report, by its id. */
  async function addRun(change: Partial<Report> = {}): Promise<ExecutionId> {
    await clock.advance(1_000)
    const id = newId('exe')
    await db.write((tx) =>
      tx
        .insertInto('execution')
        .values({
          id,
          batch_id: null,
          agent_id: agentId,
          agent_version: '1.0.0',
          bundle_sha256: '',
          node_id: nodeId,
          state: 'succeeded',
          active: 0,
          dry_run: 0,
          options: '{}',
          timeout_s: 60,
          started_by: 'user:anna',
          queued_at: clock.now().toISOString(),
          not_before: null,
          waiting_for: null,
          started_at: null,
          finished_at: null,
          outcome: null,
          log_lines: 0,
          verdict: null,
          finding_counts: null,
          cancel_requested_by: null,
          reattach: null,
        })
        .execute(),
    )
    const findings = (change.findings ?? sampleReport.findings).map((finding) =>
      finding.executionId === sampleReport.executionId ? { ...finding, executionId: id } : finding,
    )
    reports.set(id, { ...sampleReport, ...change, findings, executionId: id })
    return id
  }

  return {
    ...floor,
    explain,
    reports,
    saved,
    addRun,
    /** A run ended; the minute in which calls gather passes. */
    run: async (change: Partial<Report> = {}): Promise<ExecutionId> => {
      const id = await addRun(change)
      await explain.onReport(id)
      // In steps that leave the stand-in time to answer before its minute is over.
      await floor.passing(explain.settled(), 1_000)
      return id
    },
  }
}
