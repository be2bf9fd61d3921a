import { readFileSync } from 'node:fs'
import { styleText } from 'node:util'
import type { Execution } from '../../contract/executions.ts'
import { agentId } from '../../contract/ids.ts'
import { parseTargets } from '../../contract/targets.ts'
import type { Config } from '../config.ts'
import { fail, isAppError } from '../lib/errors.ts'
import { toText } from '../reports/text.ts'
import { type CliClient, connectTo, findServer } from './client.ts'
import { toEstimateText } from './money.ts'
import { exitCodes, printProblem, problemOf } from './problem.ts'
import { printEntry, watchExecution } from './watch.ts'

export interface RunOptions {
  node: string
  dryRun: boolean
  /** Only say what the model may cost. */
  estimate: boolean
  json: boolean
  quiet: boolean
  timeout: number | undefined
  option: string[]
  optionsFile: string | undefined
}

/** `carl run`: starts an agent on the selected nodes, shows what it does, and prints the reports. Returns the exit status. */
export async function runAgent(agent: string, given: RunOptions, config: Config): Promise<number> {
  const id = agentId.safeParse(agent)
  if (!id.success) throw fail('agent.not_found', { detail: `No agent is called ${agent}.` })
  const reach = () => connectTo(findServer(process.env, config))
  const client = reach()
  const targets = parseTargets(given.node)
  const preview = await client.executions.preview({ body: { agentId: id.data, targets } })
  const eligible = preview.nodes.filter((node) => node.eligible)
  say(given, `${id.data} on ${eligible.map((node) => node.name).join(', ') || 'no node'}`)
  for (const node of preview.nodes.filter((other) => !other.eligible))
    say(given, `  left out: ${node.name}. ${node.why}`)
  if (given.estimate) {
    const estimate = await client.costs.estimate({ body: { agentId: id.data } })
    process.stdout.write(
      given.json
        ? `${JSON.stringify({ nodes: eligible.length, ...estimate })}\n`
        : `${toEstimateText(estimate, eligible.length)}\n`,
    )
    return exitCodes.ok
  }

  const { executions } = await client.executions.start({
    body: {
      agentId: id.data,
      targets,
      options: readOptions(given),
      dryRun: given.dryRun,
      timeoutS: given.timeout ?? null,
    },
  })
  const many = executions.length > 1
  const results = await Promise.all(
    executions.map(async (started) => {
      const ended = await watchExecution(reach, started.id, (entry) => {
        if (!given.quiet) printEntry(entry, many ? `${started.nodeName}  ` : '')
      })
      const report = await reach()
        .executions.report({ params: { id: ended.id } })
        .catch((error: unknown) => {
          if (problemOf(error)?.code === 'execution.no_report') return null
          throw error
        })
      return { execution: ended, report }
    }),
  )
  if (given.json) process.stdout.write(`${JSON.stringify(many ? results : results[0])}\n`)
  else {
    for (const { execution, report } of results) {
      printResult(execution, report)
      if (execution.mode === 'plan') await printWaiting(reach(), execution)
    }
  }
  return results.every(({ execution }) => execution.state === 'succeeded') ? exitCodes.ok : exitCodes.failed
}

function printResult(execution: Execution, report: Parameters<typeof toText>[0] | null): void {
  const { problem } = execution.outcome ?? { problem: null }
  if (report)
    process.stdout.write(
      toText(report, { colour: process.stdout.hasColors?.() ?? false, width: process.stdout.columns ?? 100 }),
    )
  else if (problem) printProblem({ ...problem, title: `${execution.nodeName}: ${problem.title}` })
  else process.stdout.write(`${execution.nodeName}: ${execution.state}\n`)
}

/** That it proposes changes; whoever may not see plans is told nothing. */
async function printWaiting(client: CliClient, { id }: Execution): Promise<void> {
  const found = await client.plans.ofExecution({ params: { id } }).catch((error: unknown) => {
    if (problemOf(error)?.code === 'auth.forbidden') return null
    throw error
  })
  const waiting = found?.plan?.actions.filter(({ state }) => state === 'waiting').length ?? 0
  if (waiting === 0) return
  const words = waiting === 1 ? '1 change waits' : `${waiting} changes wait`
  process.stdout.write(`${words} for approval: carl approvals\n`)
}

function say(given: RunOptions, text: string): void {
  if (!given.quiet) process.stderr.write(`${styleText('bold', text, { stream: process.stderr })}\n`)
}

/** Options of the agent: a JSON file, then single `name=value` pairs, whose values are JSON where they look like it. */
function readOptions(given: RunOptions): Record<string, unknown> {
  try {
    const fromFile = given.optionsFile
      ? (JSON.parse(readFileSync(given.optionsFile, 'utf8')) as Record<string, unknown>)
      : {}
    return { ...fromFile, ...Object.fromEntries(given.option.map(readPair)) }
  } catch (error) {
    if (isAppError(error)) throw error
    throw fail('agent.options_invalid', { detail: `${given.optionsFile} is not a JSON file.`, cause: error })
  }
}

function readPair(pair: string): [string, unknown] {
  const at = pair.indexOf('=')
  if (at < 1) throw fail('agent.options_invalid', { detail: `Write --option name=value, not ${pair}.` })
  const text = pair.slice(at + 1)
  try {
    return [pair.slice(0, at), JSON.parse(text)]
  } catch {
    return [pair.slice(0, at), text]
  }
}
