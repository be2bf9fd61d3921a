import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleepFor } from 'node:timers/promises'

export interface ProcessOfRun {
  readonly pid: number
  /** As `ps` shows it. */
  readonly command: string
}

/** Every process on this machine that carries the mark of a run, or of the launcher of a resumable one. */
export const processesOfRun = (runId: string): ProcessOfRun[] => processesOfRuns([runId])

/** The same for many runs, in one look at every process. */
export function processesOfRuns(runIds: readonly string[]): (ProcessOfRun & { readonly runId: string })[] {
  const runs = new Map(
    runIds.flatMap((id) => [`CARL_RUN_ID=${id}`, `CARL_RUN_ID=L-${id}`].map((mark) => [mark, id] as const)),
  )
  return living().flatMap((pid) => {
    const mark = read(pid, 'environ')
      .split('\0')
      .find((entry) => runs.has(entry))
    const runId = mark === undefined ? undefined : runs.get(mark)
    return runId === undefined ? [] : [{ pid, runId, command: commandOf(pid) }]
  })
}

/** Every process whose command line holds a word: for those that threw their environment away. */
export function processesWith(word: string): ProcessOfRun[] {
  return living()
    .filter((pid) => pid !== process.pid && read(pid, 'cmdline').split('\0').includes(word))
    .map((pid) => ({ pid, command: commandOf(pid) }))
}

/** Children, their children, and so on. */
export function descendantsOf(pid: number): number[] {
  const parents = new Map(living().map((one) => [one, parentOf(one)]))
  const found = new Set([pid])
  for (let before = 0; before < found.size; ) {
    before = found.size
    for (const [one, parent] of parents) if (found.has(parent)) found.add(one)
  }
  found.delete(pid)
  return [...found]
}

/**
 * Resolves once a look gives something, with what it gave; looks at most 400 times, 50 ms apart. For what /proc and
 * folders of other processes show, since nothing tells us when that changes.
 */
export async function untilSeen<Seen>(
  what: string,
  look: () => Seen | null | undefined | false,
): Promise<Seen> {
  for (let turn = 0; turn < 400; turn++) {
    const seen = look()
    if (seen) return seen
    await sleepFor(50)
  }
  throw new Error(`never seen: ${what}`)
}

/** Resolves once nothing of a run is left on this machine; throws naming what is, when it stays. */
export async function untilGone(runId: string, ...words: string[]): Promise<void> {
  const left = () => [...processesOfRun(runId), ...words.flatMap(processesWith)]
  await untilSeen(`the end of run ${runId}`, () => left().length === 0).catch((error: unknown) => {
    const names = left().map(({ pid, command }) => `${pid} ${command}`)
    throw new Error(`still there: ${names.join(', ')}`, { cause: error })
  })
}

/** Processes that run; those that only wait to be reaped are none. */
function living(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => !['', 'Z', 'X'].includes(statOf(pid)[0] ?? ''))
}

const parentOf = (pid: number): number => Number(statOf(pid)[1] ?? 0)

/** State, parent, … The name in front may hold spaces and brackets, so count from its last bracket. */
function statOf(pid: number): string[] {
  const text = read(pid, 'stat')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** As `ps` shows it. */
export const commandOf = (pid: number): string =>
  read(pid, 'cmdline').replaceAll('\0', ' ').trim().slice(0, 200)

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    // It ended while we looked, or belongs to somebody else.
    return ''
  }
}
