import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { styleText } from 'node:util'
import type { AgentManifest } from '../../contract/agent-manifest.ts'
import { executionId, nodeId } from '../../contract/ids.ts'
import type { Report } from '../../contract/reports.ts'
import { builtInAgents } from '../agents/built-in.ts'
import { type AgentCheck, checkAgent } from '../agents/authoring/check.ts'
import { writeNewAgent } from '../agents/authoring/new.ts'
import { placeOf } from '../agents/authoring/problem.ts'
import { findLocalPython, runPython } from '../agents/authoring/python.ts'
import { type Sample, sample as sampleShape } from '../agents/authoring/sample.ts'
import { type SampleRun, trySample } from '../agents/authoring/try-sample.ts'
import type { Config } from '../config.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import { toPrintable } from '../lib/printable.ts'
import { collect } from '../reports/collected.ts'
import { toFirstReport } from '../reports/first-report.ts'
import { toText } from '../reports/text.ts'
import { connectTo, findServer } from './client.ts'
import { exitCodes } from './problem.ts'

export interface NewAgentOptions {
  /** Folder to make it in; that of this server's own agents when left out. */
  readonly in: string | undefined
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const kitFolder = (): string => join(builtInAgents(), 'kit')
const seconds = (ms: number): string => (ms / 1_000).toFixed(1)

/** `carl agent new`: writes the folder of a small agent that works. */
export function newAgent(name: string, given: NewAgentOptions, config: Config): number {
  const into = given.in === undefined ? config.ownAgentsFolder : resolve(given.in)
  const taken = new Set(readdirSync(builtInAgents()))
  const files = writeNewAgent(name, into, kitFolder(), taken)
  const folder = join(into, name)
  say(`${styleText('green', '✓')} ${folder}`)
  for (const file of files) say(`  ${file.padEnd(30)} ${about(file)}`)
  const shown = shortest(folder)
  say(`\nTry it, without a node:   carl agent test ${shown}`)
  say(`Look it over:             carl agent check ${shown}`)
  if (given.in === undefined)
    say('Take it in:               carl agent reload, or Agents → Read own agents again')
  return exitCodes.ok
}

function about(file: string): string {
  if (file === 'agent.yaml') return 'what it is, reads and can be told'
  if (file === 'agent.py') return 'what it does'
  if (file === 'README.md') return 'its manual, shown in the dashboard'
  return file.startsWith('samples')
    ? 'a node that was recorded, and what it has to say of it'
    : 'what it promises'
}

/** As it is typed from here. */
function shortest(folder: string): string {
  const below = relative(process.cwd(), folder)
  return below.startsWith('..') || below === '' ? folder : below
}

/** `carl agent check`: what is wrong with an agent, each at its line. Fails when something is an error. */
export async function check(path: string | undefined, json: boolean): Promise<number> {
  const folder = folderOf(path)
  const found = await checkAgent(folder, kitFolder())
  const errors = found.problems.filter(({ severity }) => severity === 'error').length
  if (json) say(JSON.stringify({ problems: found.problems, python: found.python }))
  else printCheck(folder, found)
  return errors === 0 ? exitCodes.ok : exitCodes.failed
}

function printCheck(folder: string, { problems, python }: AgentCheck): void {
  const shown = shortest(folder)
  for (const problem of problems) {
    const colour = problem.severity === 'error' ? 'red' : 'yellow'
    say(
      `${join(shown, placeOf(problem))}: ${styleText(colour, problem.severity)}: ${problem.message} (${problem.rule})`,
    )
    say(`  → ${problem.fix}`)
  }
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const warnings = problems.length - errors
  if (python === null) say('There is no Python here, so the programs were not looked over.')
  const looked =
    python === null
      ? 'Manifest, names, sizes and samples'
      : `All of it, as Python 3.8 reads it (looked at with ${python}),`
  const warned = warnings === 0 ? '' : ` ${count(warnings, 'warning')}.`
  if (errors === 0)
    say(
      `${styleText('green', '✓')} ${basename(folder)}: ${looked} ${python === null ? 'are' : 'is'} in order.${warned}`,
    )
  else say(`${styleText('red', '✗')} ${basename(folder)}: ${count(errors, 'error')}.${warned}`)
}

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`

/** `carl agent test`: its own tests, then a run on each of its samples, with the report that it would give. */
export async function testAgent(
  path: string | undefined,
  json: boolean,
  clock: Clock = systemClock,
): Promise<number> {
  const folder = folderOf(path)
  const python = await findLocalPython()
  if (python === null) throw fail('agent.no_python')
  const { problems, manifest } = await checkAgent(folder, kitFolder())
  const broken = problems.filter(
    ({ severity, rule }) => severity === 'error' && /^(manifest|options|sample)$/.test(rule),
  )
  if (manifest === null || broken.length > 0) {
    const detail = broken.map((problem) => `${placeOf(problem)}: ${problem.message}`).join('; ')
    throw fail('agent.manifest_invalid', { detail: `${detail}. All of it: carl agent check` })
  }
  const tests = await runTests(folder, python)
  if (!json && tests !== null)
    say(
      tests.ok
        ? `${styleText('green', '✓')} ${tests.words}`
        : `${styleText('red', '✗')} ${tests.words}\n${tests.told}`,
    )
  const runs = []
  for (const { name, sample } of samplesOf(folder)) {
    const ran = await trySample({
      folder,
      kitFolder: kitFolder(),
      python,
      manifest,
      sample,
      sentAt: clock.now().getTime() / 1_000,
    })
    const report = reportOf(name, manifest, ran, clock)
    if (!json) printRun(name, sample, ran, report)
    runs.push({ sample: name, wrong: ran.wrong, report })
  }
  if (json) say(JSON.stringify({ tests: tests && { ok: tests.ok, words: tests.words }, samples: runs }))
  else if (runs.length === 0)
    say('It has no samples/*.json, so nothing was run. See agents/README.md, Samples.')
  const isFine = tests?.ok !== false && runs.every(({ wrong }) => wrong.length === 0)
  return isFine ? exitCodes.ok : exitCodes.failed
}

/** Runs `test_*.py` of the folder; null where there are none. */
async function runTests(
  folder: string,
  python: string,
): Promise<{ ok: boolean; words: string; told: string } | null> {
  if (!readdirSync(folder).some((file) => /^test_\w+\.py$/.test(file))) return null
  const ran = await runPython(python, ['-B', join(builtInAgents(), 'run_tests.py'), folder], {
    timeoutMs: 600_000,
  })
  const words = /^Ran \d+ tests? in [\d.]+s$/m.exec(ran.err)?.[0] ?? 'Its tests did not run'
  return { ok: ran.code === 0, words, told: toPrintable(ran.err || ran.out) }
}

function samplesOf(folder: string): { name: string; sample: Sample }[] {
  const place = join(folder, 'samples')
  if (!existsSync(place)) return []
  return readdirSync(place)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({
      name: file.slice(0, -5),
      sample: sampleShape.parse(JSON.parse(readFileSync(join(place, file), 'utf8'))),
    }))
}

function reportOf(
  name: string,
  { id, version }: AgentManifest,
  { messages, durationMs }: SampleRun,
  clock: Clock,
): Report {
  const execution = { id: noExecution, nodeId: noNode, agentId: id, agentVersion: version }
  const run = { execution, nodeName: name, durationMs, collected: collect(messages) }
  return toFirstReport(run, clock.now().toISOString())
}

/** Nothing that is kept, so nothing that has an id of its own. */
const noExecution = executionId.parse(`exe_${'0'.repeat(26)}`)
const noNode = nodeId.parse(`nod_${'0'.repeat(26)}`)

function printRun(
  name: string,
  sample: Sample,
  { messages, wrong, durationMs }: SampleRun,
  report: Report,
): void {
  const mark = wrong.length === 0 ? styleText('green', '✓') : styleText('red', '✗')
  say(`${mark} ${name}: ${toPrintable(sample.says)} (${seconds(durationMs)} s)`)
  for (const line of wrong) say(`  ${line}`)
  for (const message of messages)
    if (message.kind === 'log' && message.level !== 'debug')
      say(`  ${message.level}: ${toPrintable(message.msg)}`)
  const proposed = messages.flatMap((message) => (message.kind === 'action' ? [message.action] : []))
  for (const { title, aid } of proposed) say(`  would propose: ${toPrintable(title)} (${aid})`)
  process.stdout.write(
    toText(report, { colour: process.stdout.hasColors?.() ?? false, width: process.stdout.columns ?? 100 }),
  )
}

/** `carl agent reload`: lets the server read its own agents again. Fails when one is left out. */
export async function reloadAgents(json: boolean, config: Config): Promise<number> {
  const client = connectTo(findServer(process.env, config))
  const { added, changed, removed, leftOut } = await client.agents.reload()
  if (json) say(JSON.stringify({ added, changed, removed, leftOut }))
  else {
    for (const [word, ids] of [
      ['added', added],
      ['changed', changed],
      ['removed', removed],
    ] as const)
      for (const id of ids) say(`${styleText('green', '✓')} ${id}: ${word}`)
    for (const { folder, problems } of leftOut) {
      say(`${styleText('red', '✗')} ${toPrintable(folder)}: left out`)
      for (const problem of problems)
        say(`  ${placeOf(problem)}: ${toPrintable(problem.message)}\n  → ${toPrintable(problem.fix)}`)
    }
    if (added.length + changed.length + removed.length + leftOut.length === 0) say('Nothing has changed.')
  }
  return leftOut.length === 0 ? exitCodes.ok : exitCodes.failed
}

/** The folder that is named, or this one. Throws `agent.not_found` where no agent lies. */
function folderOf(path: string | undefined): string {
  const folder = resolve(path ?? '.')
  if (!existsSync(folder)) throw fail('agent.not_found', { detail: `There is no folder ${folder}.` })
  return folder
}
