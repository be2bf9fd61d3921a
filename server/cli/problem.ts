import { styleText } from 'node:util'
import type { Problem } from '../../contract/errors.ts'
import { isAppError } from '../lib/errors.ts'
import { toPrintable } from '../lib/printable.ts'

/** How the command line shows a problem: what is wrong, and what to do. */
export function printProblem(problem: Problem): void {
  const { title, detail, fix, code } = problem
  const stream = process.stderr
  const red = (text: string) => styleText('red', text, { stream })
  const dim = (text: string) => styleText('dim', text, { stream })
  stream.write(`${red('✗')} ${toPrintable(title)}.\n`)
  if (detail !== `${title}.`) stream.write(`  ${toPrintable(detail)}\n`)
  stream.write(`  → ${fix} ${dim(`(${code})`)}\n`)
}

/** The problem behind anything thrown here: ours, or one the server answered with; undefined for a bug. */
export function problemOf(error: unknown): Problem | undefined {
  if (isAppError(error)) return error.problem
  if (error instanceof Error && 'problem' in error) return error.problem as Problem
  return undefined
}

/** Exit statuses that scripts can tell apart, as sysexits.h names them where it has a name. */
export const exitCodes = { ok: 0, failed: 1, usage: 64, unavailable: 69, locked: 75, config: 78 } as const

/** The exit status of a problem. */
export function exitCodeOf(problem: Problem): number {
  if (problem.code === 'storage.locked') return exitCodes.locked
  if (/^(config|storage)\.|^vault\.(wrong_key|key_unusable|damaged)$/.test(problem.code))
    return exitCodes.config
  if (problem.code === 'vault.sealed') return exitCodes.unavailable
  if (/^server\.(not_ready|not_running|no_answer|upgrading)$/.test(problem.code)) return exitCodes.unavailable
  return exitCodes.failed
}
