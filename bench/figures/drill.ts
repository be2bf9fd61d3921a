import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { digits, type Figure, judge, type Row } from '../report.ts'
import type { Bench } from '../stage.ts'

const run = promisify(execFile)
const agents = resolve(import.meta.dirname, '../../agents')
const password = 'only-for-the-bench'
const files = 1_000
const fileBytes = 1_500_000
const capMb = 40
/** The least that the agent takes. */
const capS = 5

/** Whether a restore drill keeps to what it was allowed, where there is much more to restore. */
export async function drill(bench: Bench): Promise<Figure> {
  const title = 'Caps of a restore drill'
  const repository = join(bench.folder, 'restic')
  const source = join(bench.folder, 'restic-source')
  mkdirSync(source)
  for (let at = 0; at < files; at++) writeFileSync(join(source, `${at}.bin`), randomBytes(fileBytes))
  const env = { PATH: process.env['PATH'], HOME: bench.folder, RESTIC_PASSWORD: password }
  for (const argv of [['init'], ['backup', source, '--host', 'bench']])
    execFileSync('restic', ['-q', '-r', repository, ...argv], { env })

  const bytes: number[] = []
  const times: number[] = []
  for (let round = 0; round < (bench.isQuick ? 2 : 5); round++) {
    await bench.quiet.wait()
    bytes.push(
      (await restore(repository, { restore_max_mb: capMb, restore_max_files: files, restore_max_s: 600 }))
        .bytes,
    )
    times.push(
      (await restore(repository, { restore_max_mb: 10_000, restore_max_files: files, restore_max_s: capS }))
        .seconds,
    )
  }
  const most = Math.max(...bytes) / 1_000_000
  const longest = Math.max(...times)
  const row = (what: string, value: number, cap: number, unit: string): Row => ({
    what,
    carl: `${digits(value)} ${unit}`,
    beside: `allowed: ${cap} ${unit}`,
    comes: `${digits(value / cap)} ×`,
    ...judge(value / cap, { atMost: 1.1, unit: '×' }),
  })
  return {
    title,
    rows: [
      row(`Restored of ${(files * fileBytes) / 1_000_000} MB, at most`, most, capMb, 'MB'),
      row('Time of a drill that has too little of it, at most', longest, capS, 's'),
    ],
    notes: [
      'A real restic repository of files that nothing compresses. What is chosen for a drill fits into the cap beforehand; a drill whose time is over is stopped, and says so.',
    ],
  }
}

/** The drill of one run of the agent: what it restored, and how long it took. */
async function restore(
  repository: string,
  limits: Record<string, number>,
): Promise<{ bytes: number; seconds: number }> {
  const program = [
    'import json, sys; sys.path.insert(0, sys.argv[1]); import testing',
    'folder, options, secrets = sys.argv[2], json.loads(sys.argv[3]), json.loads(sys.stdin.read())',
    'ran = testing.run_agent(folder, testing.config_for(folder, options=options, secrets=secrets))',
    'print(json.dumps([event for event in ran.events if event["kind"] in ("data", "result")]))',
  ].join('\n')
  const options = {
    targets: [`restic:${repository}`],
    discover: false,
    check_integrity: false,
    restore_drill: true,
    ...limits,
  }
  const child = run(
    'python3',
    ['-c', program, join(agents, 'kit'), join(agents, 'backup-validator'), JSON.stringify(options)],
    {
      maxBuffer: 16 * 1_048_576,
    },
  )
  child.child.stdin?.end(JSON.stringify({ [`restic:${repository}`]: password }))
  const { stdout } = await child
  const found = findDrill(JSON.parse(stdout))
  if (!found) throw new Error(`no drill was made: ${stdout.slice(0, 800)}`)
  return found
}

/** The first thing below a value that tells of restored bytes and seconds. */
function findDrill(value: unknown): { bytes: number; seconds: number } | null {
  if (typeof value !== 'object' || value === null) return null
  const { bytes, seconds, identical } = value as Record<string, unknown>
  if (typeof bytes === 'number' && typeof seconds === 'number' && typeof identical === 'number')
    return { bytes, seconds }
  for (const inner of Object.values(value)) {
    const found = findDrill(inner)
    if (found) return found
  }
  return null
}
