import { styleText } from 'node:util'

/** One line of what a doctor saw. */
export interface Check {
  readonly step: string
  readonly state: 'ok' | 'warning' | 'failed' | 'skipped'
  readonly detail: string
  readonly fix: string | null
}

const marks = { ok: '✓', warning: '!', failed: '✗', skipped: '·' } as const
const colours = { ok: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' } as const

/** Prints what was seen, each with its fix below. */
export function printChecks(checks: readonly Check[]): void {
  const width = Math.max(...checks.map(({ step }) => step.length))
  for (const { step, state, detail, fix } of checks) {
    process.stdout.write(`${styleText(colours[state], marks[state])} ${step.padEnd(width)}  ${detail}\n`)
    if (fix !== null) process.stdout.write(`  ${''.padEnd(width)}  → ${fix}\n`)
  }
}
