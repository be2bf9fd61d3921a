import type { AgentProblem } from '../../../contract/agents.ts'
import type { AgentManifest } from '../../../contract/agent-manifest.ts'
import { isAppError } from '../../lib/errors.ts'
import { toPrintable } from '../../lib/printable.ts'
import { createOptionsCheck } from '../manifest.ts'
import { sample } from './sample.ts'

/** What is wrong with one sample: that it is JSON of the right shape, and gives options that the agent takes. */
export function findSampleProblems(
  file: string,
  text: string,
  manifest: AgentManifest | null,
): AgentProblem[] {
  const problems: AgentProblem[] = []
  function say(line: number | null, message: string, fix: string): void {
    const place = { file, line, column: null }
    problems.push({ ...place, severity: 'error', rule: 'sample', message: toPrintable(message), fix })
  }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    const at = /position (\d+)/.exec((error as Error).message)?.[1]
    const line = at === undefined ? null : text.slice(0, Number(at)).split('\n').length
    say(line, 'It is not JSON.', 'Look for a missing comma or quote at that line.')
    return problems
  }
  const parsed = sample.safeParse(document)
  if (!parsed.success) {
    // Whoever keeps what programs say beside the samples is not told of every field that it lacks.
    if (!isMeantAsSample(document)) {
      say(1, 'It is no recorded node: it does not say what it shows.', wherePlaced)
      return problems
    }
    for (const { path, message } of parsed.error.issues) {
      const where = path.join('.')
      say(lineOf(text, path), where ? `${where}: ${message}` : message, 'See agents/README.md, Samples.')
    }
    return problems
  }
  if (manifest === null) return problems
  const { options, mode, history } = parsed.data
  if (!manifest.modes.includes(mode))
    say(lineOf(text, ['mode']), `The agent has no mode ${mode}.`, 'Add it to modes in agent.yaml.')
  for (const key of Object.keys(history).filter((name) => !manifest.history.includes(name)))
    say(
      lineOf(text, ['history', key]),
      `The agent keeps no history of ${key}.`,
      'Add it to history in agent.yaml.',
    )
  try {
    createOptionsCheck(manifest)(options)
  } catch (error) {
    if (!isAppError(error)) throw error
    // What is wrong with the schema itself stands at the manifest.
    if (error.code === 'agent.options_invalid')
      for (const { path, message } of error.issues ?? [])
        say(
          lineOf(text, path.split('.')),
          `${path}: ${message}`,
          'Give an option that agent.yaml names, with a value that it takes.',
        )
  }
  return problems
}

const wherePlaced =
  'Give it "says" and what lies on the node; or put what your own tests read into the folder answers.'

const isMeantAsSample = (document: unknown): boolean =>
  typeof document === 'object' && document !== null && 'says' in document

/** The line of the last name of a path, looked for in the order of the path; JSON has no better answer without a parser. */
function lineOf(text: string, path: readonly PropertyKey[]): number | null {
  let at = 0
  for (const name of path) {
    if (typeof name !== 'string') continue
    const found = text.indexOf(`${JSON.stringify(name)}:`, at)
    if (found < 0) break
    at = found
  }
  return path.length === 0 ? null : text.slice(0, at).split('\n').length
}
