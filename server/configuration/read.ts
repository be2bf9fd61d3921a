import { isCollection, isMap, LineCounter, type Node, parseDocument, stringify } from 'yaml'
import type * as z from 'zod'
import { type ConfigurationKind, configurationKind } from '../../contract/configuration.ts'
import type { Issue } from '../../contract/errors.ts'
import { fail, toMessage } from '../lib/errors.ts'
import type { Kind } from './kind.ts'

/** More in one text is a mistake. */
const mostDocuments = 5_000
/** More are not told at once. */
const mostIssues = 50

/** One document that its kind understands. */
export interface ReadDocument {
  readonly kind: Kind
  readonly name: string | null
  readonly said: object
  /** Where it begins. */
  readonly line: number
  /** As it was written, comments and all. */
  readonly text: string
}

/**
 * Reads YAML documents, each one thing or a list of things. What has no `kind` is a schedule, or with `when` a trigger.
 * Throws `configuration.invalid` with every mistake and its line.
 */
export function readConfiguration(text: string, kinds: ReadonlyMap<ConfigurationKind, Kind>): ReadDocument[] {
  const issues: Issue[] = []
  const found: ReadDocument[] = []
  const lines = new Map<string, number>()
  for (const part of splitDocuments(text)) {
    const counter = new LineCounter()
    const document = parseDocument(part.text, { prettyErrors: false, uniqueKeys: true, lineCounter: counter })
    const lineAt = (offset: number): number => part.line - 1 + counter.linePos(offset).line
    const wrong = (line: number, message: string): void => void issues.push({ path: `line ${line}`, message })
    for (const { pos, message } of document.errors) wrong(lineAt(pos[0]), message)
    if (document.errors.length > 0) continue
    let value: unknown
    try {
      // A document of aliases to aliases would grow without end.
      value = document.toJS({ maxAliasCount: 100 })
    } catch (error) {
      wrong(part.line, toMessage(error))
      continue
    }
    if (value === null || value === undefined) continue
    const isList = Array.isArray(value)
    for (const [index, one] of (isList ? (value as unknown[]) : [value]).entries()) {
      const before = isList ? [index] : []
      const lineOf = (path: readonly PropertyKey[], key?: string): number =>
        lineAt(offsetOf(document.contents, [...before, ...path], key))
      const line = lineOf([])
      const read = readOne(one, kinds)
      if ('problem' in read) {
        wrong(lineOf([], read.key), read.problem)
        continue
      }
      const { kind, parsed } = read
      if (!parsed.success) {
        for (const issue of parsed.error.issues)
          for (const each of spread(issue)) {
            const where = each.path.map(String).join('.')
            wrong(
              lineOf(each.path, each.key),
              `${kind.kind}: ${where && !each.key ? `${where}: ` : ''}${each.message}`,
            )
          }
        continue
      }
      const said = parsed.data
      const name = kind.nameOf(said)
      const key = JSON.stringify([kind.kind, name?.toLowerCase()])
      const first = lines.get(key)
      if (first !== undefined) {
        wrong(line, `${kind.kind}: the same is in line ${first}${name === null ? '' : `, called ${name}`}.`)
        continue
      }
      lines.set(key, line)
      if (found.length >= mostDocuments)
        throw invalid([{ path: `line ${line}`, message: 'There are too many.' }])
      found.push({ kind, name, said, line, text: isList ? stringify(one) : part.text })
    }
  }
  if (issues.length > 0) throw invalid(issues)
  if (found.length === 0) throw invalid([{ path: 'line 1', message: 'There is nothing in it.' }])
  return found
}

type Read =
  | { readonly problem: string; readonly key?: string }
  | { readonly kind: Kind; readonly parsed: z.ZodSafeParseResult<object> }

function readOne(value: unknown, kinds: ReadonlyMap<ConfigurationKind, Kind>): Read {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problem: 'A document has fields, such as kind: node.' }
  }
  const { kind: named = Object.hasOwn(value, 'when') ? 'trigger' : 'schedule', ...said } = value as {
    kind?: unknown
  }
  const known = configurationKind.safeParse(named)
  const kind = known.success ? kinds.get(known.data) : undefined
  if (!kind) {
    return {
      key: 'kind',
      problem: `kind: ${String(named).slice(0, 50)} is none of ${[...kinds.keys()].join(', ')}.`,
    }
  }
  return { kind, parsed: kind.shape.safeParse(said) }
}

/** One mistake per field that nobody knows. */
function spread(issue: z.core.$ZodIssue): { path: readonly PropertyKey[]; key?: string; message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }]
  return issue.keys.map((key) => ({
    path: issue.path,
    key,
    message: `${[...issue.path, key].map(String).join('.')} is no field of it.`,
  }))
}

/** Where something stands, else what it would stand in. */
function offsetOf(contents: Node | null, path: readonly PropertyKey[], key?: string): number {
  let node: unknown = contents
  let offset = contents?.range?.[0] ?? 0
  for (const step of key === undefined ? path : [...path, key]) {
    if (!isCollection(node)) return offset
    if (isMap(node)) {
      const pair = node.items.find((one) => String(one.key) === String(step))
      const start = (pair?.key as Node | undefined)?.range?.[0]
      if (!pair || start === undefined) return offset
      offset = start
      node = pair.value
    } else {
      node = node.get(step, true)
      const start = (node as Node | undefined)?.range?.[0]
      if (start === undefined) return offset
      offset = start
    }
  }
  return offset
}

/** At the lines that begin a document, so that each keeps its text. */
function splitDocuments(text: string): { text: string; line: number }[] {
  let line = 1
  return text
    .replace(/^\ufeff/, '')
    .split(/^(?:---[ \t]*\r?\n)/m)
    .map((part, index) => {
      if (index > 0) line += 1
      const begin = line
      line += part.split('\n').length - 1
      return { text: part, line: begin }
    })
}

const invalid = (issues: Issue[]) =>
  fail('configuration.invalid', {
    detail: issues
      .slice(0, 5)
      .map(({ path, message }) => `${path}: ${message}`)
      .join(' '),
    issues: issues.slice(0, mostIssues),
  })
