import type { AgentProblem } from '../../../contract/agents.ts'
import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { type AgentManifest, agentManifest } from '../../../contract/agent-manifest.ts'
import type { Issue } from '../../../contract/errors.ts'
import { isAppError } from '../../lib/errors.ts'
import { toPrintable } from '../../lib/printable.ts'
import { createOptionsCheck } from '../manifest.ts'

/** What to write at a place of the manifest, by the first word of its path. */
const fixes: Readonly<Record<string, string>> = {
  id: 'Lower-case words joined by hyphens, the name of the folder: id: big-logs',
  version: 'Three numbers: version: 1.0.0',
  title: 'A few words: title: Big logs',
  description: 'One sentence of what it says, at most 500 characters.',
  protocol: 'Write: protocol: 1',
  reads: 'A list of sentences for whoever lets it onto a node.',
  modes: 'modes: [report], or [report, plan, apply] together with actions.',
  actions: 'Kinds of change from contract/actions.ts, for example file.remove.',
  costClass: 'costClass: light, medium or heavy.',
  timeoutS: 'timeoutS: { default: 60, max: 600 }',
  history: 'A list of keys: history: [sizes]',
  secrets: 'Leave it out: only built-in agents are lent secrets.',
  sudo: 'sudo: [{ why: "kernel log", argv: [dmesg] }]',
  options: 'options: { type: object, additionalProperties: false, properties: {…} }',
}

const known = Object.keys(agentManifest.shape)

/** All that is wrong with the text of `agent.yaml`, each at its line; the manifest when it can be read. */
export function findManifestProblems(text: string): {
  readonly manifest: AgentManifest | null
  readonly problems: AgentProblem[]
} {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const problems: AgentProblem[] = []

  function say(
    offset: number | null,
    rule: string,
    message: string,
    fix: string,
    severity = 'error' as AgentProblem['severity'],
  ) {
    const at = offset === null ? null : lines.linePos(offset)
    const place = { line: at?.line ?? null, column: at?.col ?? null }
    problems.push({ file: 'agent.yaml', ...place, severity, rule, message: toPrintable(message), fix })
  }

  /** Where a path begins; of one that is not there, the nearest above it. */
  function offsetOf(path: readonly PropertyKey[]): number {
    for (let length = path.length; length > 0; length--) {
      const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
      if (isMap(parent)) {
        const pair = parent.items.find(({ key }) => isScalar(key) && key.value === path[length - 1])
        if (pair && isScalar(pair.key) && pair.key.range) return pair.key.range[0]
      }
      const node = document.getIn(path.slice(0, length), true)
      if (node && typeof node === 'object' && 'range' in node && Array.isArray(node.range))
        return node.range[0] as number
    }
    // Of a field that is missing there is no line but the first.
    return 0
  }

  if (document.errors.length > 0) {
    for (const { message, pos } of document.errors) {
      say(
        pos[0],
        'manifest',
        message.split('\n')[0] ?? message,
        'Correct the YAML: two spaces for each level, a space after each colon.',
      )
    }
    return { manifest: null, problems }
  }
  visit(document, {
    Scalar: (_key, { value, range }) => {
      if (typeof value !== 'string' || toPrintable(value) === value) return
      say(
        range?.[0] ?? null,
        'name',
        'A text holds characters that act instead of showing something.',
        'Type it anew, without invisible characters.',
      )
    },
  })

  const parsed = agentManifest.safeParse(document.toJS())
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      if (issue.code === 'unrecognized_keys') {
        for (const key of issue.keys) {
          const path = [...issue.path, key]
          const near = issue.path.length === 0 ? nearest(key, known) : null
          say(
            offsetOf(path),
            'manifest',
            `${path.join('.')} is not a field of a manifest`,
            near ? `Did you mean ${near}?` : 'Remove it.',
          )
        }
        continue
      }
      const [first = ''] = issue.path
      const where = issue.path.join('.')
      say(
        offsetOf(issue.path),
        'manifest',
        where ? `${where}: ${issue.message}` : issue.message,
        fixes[String(first)] ?? 'Begin with: carl agent new NAME',
      )
    }
    return { manifest: null, problems }
  }

  const manifest = parsed.data
  try {
    createOptionsCheck(manifest)
  } catch (error) {
    if (!isAppError(error)) throw error
    const issues: Issue[] = error.issues ?? [{ path: 'options', message: error.problem.detail }]
    for (const { path, message } of issues) {
      const name = path.split('.')[1]
      const place = name === undefined ? ['options'] : ['options', 'properties', name, 'default']
      say(
        offsetOf(place),
        'options',
        `${path}: ${message}`,
        'The default has to keep to the rules of its option; a pattern is a regular expression.',
      )
    }
  }
  for (const name of Object.keys(manifest.options.properties)) {
    const node = document.getIn(['options', 'properties', name, 'default'], true)
    if (!isScalar(node) || !node.range) continue
    const isJson = canBeJson(text.slice(node.range[0], node.range[1]))
    const offset = offsetOf(['options', 'properties', name, 'default'])
    const lineStart = text.slice(text.lastIndexOf('\n', offset) + 1, offset)
    if (!isJson || lineStart.trim() !== '')
      say(
        offset,
        'options',
        `The default of ${name} does not stand as JSON on a line of its own.`,
        'Write it so, for the tests: default: "/var/log"',
        'warning',
      )
  }
  return { manifest, problems }
}

function canBeJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The word that differs in at most two letters, if there is one. */
function nearest(word: string, words: readonly string[]): string | null {
  const ranked = words
    .map((other) => ({ other, steps: distance(word.toLowerCase(), other.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps)
  const [best] = ranked
  return best && best.steps <= 2 ? best.other : null
}

/** Letters to add, remove or replace until one word is the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (const [at, letter] of Array.from(one.slice(0, 40)).entries()) {
    const next = [at + 1]
    for (let column = 1; column <= other.length; column++) {
      const same = letter === other[column - 1] ? 0 : 1
      next.push(Math.min((row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, (row[column - 1] ?? 0) + same))
    }
    row = next
  }
  return row[other.length] ?? 0
}
