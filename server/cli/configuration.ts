import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { text as readAll } from 'node:stream/consumers'
import { styleText } from 'node:util'
import { parse } from 'yaml'
import * as z from 'zod'
import type { AppliedDocument } from '../../contract/configuration.ts'
import type { Config } from '../config.ts'
import { fail, toMessage } from '../lib/errors.ts'
import { toPrintable } from '../lib/printable.ts'
import { connectTo, findServer } from './client.ts'
import { exitCodes } from './problem.ts'
import { exportSchedules } from './schedules.ts'

export interface ApplyOptions {
  /** Files of YAML; `-` is standard input. */
  readonly file: readonly string[]
  /** A file of YAML with secrets by their names; it stays on this machine but for what is asked for. */
  readonly secrets?: string | undefined
  readonly dryRun: boolean
  readonly yes: boolean
  readonly json: boolean
}

const styled = (style: Parameters<typeof styleText>[0], text: string): string =>
  styleText(style, text, { stream: process.stdout })
const print = (line: string): void => void process.stdout.write(`${toPrintable(line)}\n`)

/** `carl apply -f FILE`: shows what the documents would change, asks, then changes it. */
export async function apply(given: ApplyOptions, config: Config): Promise<number> {
  const texts = await Promise.all(given.file.map(readText))
  const client = connectTo(findServer(process.env, config))
  const secrets = given.secrets === undefined ? {} : readSecrets(await readText(given.secrets))
  const body = { text: texts.join('\n---\n'), secrets }
  const seen = await client.configuration.apply({ body: { ...body, dryRun: true } })
  if (!given.json) for (const item of seen.items) show(item)
  const changes = seen.items.filter(({ change, problem }) => change !== 'same' && !problem).length
  if (given.dryRun) {
    if (given.json) process.stdout.write(`${JSON.stringify(seen)}\n`)
    else print(`${changes} to change; nothing was written.`)
    return seen.items.some(({ problem }) => problem) ? exitCodes.failed : exitCodes.ok
  }
  if (!given.yes && !(await isWanted(seen.items, changes))) {
    print('Nothing was written.')
    return exitCodes.ok
  }
  // Also when nothing changes in meaning: a comment may have.
  const { items } = await client.configuration.apply({ body: { ...body, dryRun: false } })
  const failed = items.filter(({ problem }) => problem)
  if (given.json) process.stdout.write(`${JSON.stringify({ items })}\n`)
  else {
    for (const item of items) {
      const before = seen.items.find(({ line }) => line === item.line)
      if (item.problem && !before?.problem) show(item)
      for (const warning of item.warnings) {
        if (!before?.warnings.includes(warning)) print(`  ! ${labelOf(item)}: ${warning}`)
      }
      if (item.firstPassword !== null) print(`  ${labelOf(item)} signs in first with: ${item.firstPassword}`)
    }
    const done = items.filter(({ problem }) => !problem)
    const changed = done.filter(({ change }) => change !== 'same').length
    process.stdout.write(`${styled('green', '✓')} ${changed} changed, ${done.length - changed} as before.\n`)
  }
  if (failed.length > 0) {
    throw fail('configuration.partly_failed', { detail: `Not applied: ${failed.map(labelOf).join(', ')}.` })
  }
  return exitCodes.ok
}

/** `carl export`: prints all that is set up, without secrets; or schedules as they were written. */
export async function exportConfiguration(
  name: string | undefined,
  { schedules }: { readonly schedules: boolean },
  config: Config,
): Promise<number> {
  if (schedules || name !== undefined) return exportSchedules(name, config)
  process.stdout.write(await connectTo(findServer(process.env, config)).configuration.export())
  return exitCodes.ok
}

const labelOf = ({ kind, name }: AppliedDocument): string => (name === null ? kind : `${kind} ${name}`)

function show(item: AppliedDocument): void {
  const { change, differences, warnings, problem } = item
  const sign = { new: styled('green', '+'), changed: styled('yellow', '~'), same: ' ' }[change]
  const label = toPrintable(labelOf(item))
  process.stdout.write(
    `${problem ? styled('red', '✗') : sign} ${label}${change === 'same' ? ' (no change)' : ''}\n`,
  )
  if (change !== 'same') {
    for (const { path, before, after } of differences) {
      const was = before === null || change === 'new' ? '' : `${before} → `
      print(`    ${path}: ${was}${after ?? '(none)'}`)
    }
  }
  if (problem) print(`    ${problem.detail} ${problem.fix}`)
  for (const warning of warnings) process.stdout.write(`  ${styled('yellow', '!')} ${toPrintable(warning)}\n`)
}

/** Asks at a terminal. A script was told what to do, but only with `--yes` for more than what runs by itself. */
async function isWanted(items: readonly AppliedDocument[], changes: number): Promise<boolean> {
  if (changes === 0) return true
  if (!process.stdin.isTTY) {
    const isMore = items.some(
      ({ kind, change }) => change !== 'same' && kind !== 'schedule' && kind !== 'trigger',
    )
    if (isMore) throw fail('configuration.not_confirmed')
    return true
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await asking.question(`Apply ${changes} changes? [y/N] `)).trim())
  } finally {
    asking.close()
  }
}

async function readText(file: string): Promise<string> {
  try {
    return file === '-' ? await readAll(process.stdin) : readFileSync(file, 'utf8')
  } catch (error) {
    throw fail('configuration.invalid', { detail: `${file} cannot be read.`, cause: error })
  }
}

/** What is wrong is told without a word of what stands there. */
function readSecrets(text: string): Record<string, string> {
  let value: unknown
  try {
    value = parse(text, { prettyErrors: false })
  } catch (error) {
    throw fail('configuration.invalid', {
      detail: `The secrets are no YAML: ${toMessage(error).slice(0, 80)}`,
    })
  }
  const parsed = z.record(z.string(), z.string()).safeParse(value ?? {})
  if (parsed.success) return parsed.data
  throw fail('configuration.invalid', {
    detail: 'Secrets are lines such as channel/ops/url: "…", each with a text.',
  })
}
