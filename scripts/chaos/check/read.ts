import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DatabaseSync } from 'node:sqlite'
import type { ExecutionState } from '../../../contract/execution-states.ts'
import { executionId } from '../../../contract/ids.ts'
import { examine } from '../../../server/db/inspect.ts'
import { loadChunk, linesFrom } from '../../../server/executions/log-chunks.ts'
import { folderOf, listChunks } from '../../../server/executions/log-files.ts'
import { parseLine } from '../../../server/executions/log-lines.ts'
import { processesOfRuns } from '../../../testbed/processes.ts'
import { carl, environmentOf } from '../server.ts'
import type { Found, FoundExecution, FoundLog, FoundOccurrence, FoundSchedule } from './found.ts'

/** Where a node keeps what belongs to runs. */
const nodePlaces = ['/dev/shm', '/tmp'] as const

/** Reads a data folder that no server uses. */
export async function readFolder(folder: string, placesOfNodes: readonly string[]): Promise<Found> {
  const file = join(folder, 'core.db')
  const { damage } = examine(file)
  if (damage !== null) return { ...nothing, damage }
  const sqlite = new DatabaseSync(file, { readOnly: true })
  try {
    const executions = executionsIn(sqlite)
    const logs = new Map<string, FoundLog>()
    for (const { id } of executions) logs.set(id, await readLog(join(folder, 'logs'), id))
    return {
      damage,
      executions,
      logs,
      schedules: schedulesIn(sqlite),
      occurrences: rowsOf<FoundOccurrence>(
        sqlite,
        'select schedule_id "scheduleId", at, state, count, batch_id "batchId" from occurrence',
      ),
      calls: rowsOf<Found['calls'][number]>(
        sqlite,
        'select day, agent_id "agentId", charged_nano_usd charged, state from ai_call',
      ),
      spend: new Map(
        rowsOf<{ day: string; agent: string; charged: number }>(
          sqlite,
          'select day, agent_id agent, charged_nano_usd charged from ai_spend',
        ).map(({ day, agent, charged }) => [`${day} ${agent}`, charged]),
      ),
      tag: tagIn(sqlite),
      audit: await verifyAudit(folder),
      left: leftOn(
        executions.map(({ id }) => id),
        placesOfNodes,
      ),
    }
  } finally {
    sqlite.close()
  }
}

const nothing: Found = {
  executions: [],
  logs: new Map(),
  schedules: [],
  occurrences: [],
  calls: [],
  spend: new Map(),
  tag: 0,
  damage: null,
  audit: null,
  left: [],
}

function rowsOf<Row>(sqlite: DatabaseSync, query: string): Row[] {
  return sqlite.prepare(query).all() as unknown as Row[]
}

function executionsIn(sqlite: DatabaseSync): FoundExecution[] {
  const journals = Map.groupBy(
    rowsOf<{ id: string; seq: number; step: string }>(
      sqlite,
      'select execution_id id, seq, step from journal order by execution_id, seq',
    ),
    ({ id }) => id,
  )
  const reports = new Set(
    rowsOf<{ id: string }>(sqlite, 'select execution_id id from report').map(({ id }) => id),
  )
  const rows = rowsOf<Omit<FoundExecution, 'journal' | 'hasReport'> & { state: ExecutionState }>(
    sqlite,
    `select id, agent_id "agentId", batch_id "batchId", mode, state, outcome ->> '$.kind' outcome, outcome ->> '$.problem.code' problem,
       started_by "startedBy", finished_at "finishedAt", log_lines "logLines",
       cancel_requested_by "cancelRequestedBy" from execution order by id`,
  )
  return rows.map((row) => ({ ...row, hasReport: reports.has(row.id), journal: journals.get(row.id) ?? [] }))
}

function schedulesIn(sqlite: DatabaseSync): FoundSchedule[] {
  const rows = rowsOf<
    Record<'id' | 'made', string> & { every: number | null; start: string; nextAt: string }
  >(
    sqlite,
    `select id, created_at made, spec ->> '$.timing.everyMinutes' every, spec ->> '$.timing.from' start,
       next_at "nextAt" from schedule`,
  )
  return rows.map(({ id, made, every, start, nextAt }) => {
    const everyMs = every === null ? null : every * 60_000
    const [firstMs, madeMs] = [Date.parse(start), Date.parse(made)]
    // What lies before it was made never was to run.
    const before = everyMs === null ? 0 : Math.max(0, Math.ceil((madeMs - firstMs) / everyMs))
    return { id, everyMs, fromMs: firstMs + before * (everyMs ?? 0), nextAt }
  })
}

/** The greatest number among the tags `n1`, `n2`, … of nodes. */
function tagIn(sqlite: DatabaseSync): number {
  const texts = rowsOf<{ tags: string }>(sqlite, 'select tags from node').map(({ tags }) => tags)
  return Math.max(0, ...[...texts.join(' ').matchAll(/"n(\d+)"/g)].map(([, number]) => Number(number)))
}

async function readLog(root: string, id: string): Promise<FoundLog> {
  const seqs: number[] = []
  const printed: string[] = []
  let hasTorn = false
  for (const chunk of await listChunks(folderOf(root, executionId.parse(id)))) {
    const lines = await loadChunk(chunk)
    for (const line of linesFrom(lines, chunk.first)) {
      const parsed = parseLine(line)
      if (!parsed) {
        hasTorn = true
        continue
      }
      seqs.push(parsed.entry.seq)
      if (parsed.entry.stream === 'out') printed.push(parsed.entry.text)
    }
  }
  return { seqs, printed, hasTorn }
}

/** What is wrong with the audit trail, by the command that people have for it; null when it is whole. */
async function verifyAudit(folder: string): Promise<string | null> {
  const run = promisify(execFile)
  try {
    const { stdout } = await run(process.execPath, [carl, 'audit', 'verify', '--json'], {
      env: environmentOf(folder),
    })
    const { verdict } = JSON.parse(stdout) as { verdict: { sound: boolean; what?: string; seq?: number } }
    return verdict.sound ? null : `${verdict.what} at line ${verdict.seq}`
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    return `${stdout}${stderr}`.trim().slice(0, 300) || 'it could not be verified'
  }
}

/** What is still on the nodes of this machine, of these executions. */
export function leftOn(ids: readonly string[], placesOfNodes: readonly string[] = []): Found['left'] {
  const wanted = new Set(ids)
  const folders = [...nodePlaces, ...placesOfNodes].flatMap((place) =>
    readdirSync(place).flatMap((name) => {
      // Whose it is, and of which run.
      const [, id = ''] = /^carl-\d+-(.+)$/.exec(name) ?? []
      return wanted.has(id) ? [{ id, what: `${place}/${name} (${contentOf(join(place, name))})` }] : []
    }),
  )
  const processes = processesOfRuns(ids).map(({ pid, runId, command }) => ({
    id: runId,
    what: `process ${pid} (${command})`,
  }))
  return [...processes, ...folders]
}

function contentOf(folder: string): string {
  try {
    return readdirSync(folder).sort().join(', ')
  } catch {
    return 'gone meanwhile'
  }
}
