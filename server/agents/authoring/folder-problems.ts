import type { AgentProblem } from '../../../contract/agents.ts'
import { lstatSync, readdirSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { toPrintable } from '../../lib/printable.ts'
import { isModuleName } from '../bundle.ts'

/** The largest folder of an agent that is carried, and what a person would still read. */
export const folderLimits = {
  files: 200,
  moduleBytes: 512 * 1_024,
  /** All modules together. */
  sourceBytes: 1_024 * 1_024,
  readmeBytes: 256 * 1_024,
  sampleBytes: 1_024 * 1_024,
  manifestBytes: 64 * 1_024,
} as const

/** One file of the folder of an agent. */
export interface ListedFile {
  /** Below the folder, with `/`. */
  readonly path: string
  readonly bytes: number
  readonly isLink: boolean
  /** For a link: whether it leads out of the folder, or to nowhere. */
  readonly leadsOut: boolean
}

/** Lists a folder, its samples included; what Python leaves behind is passed over. Throws what the file system throws. */
export function listFolder(folder: string): ListedFile[] {
  const home = realpathSync(folder)
  const found: ListedFile[] = []
  function walk(below: string): void {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      if (entry.name === '__pycache__' || entry.name === '.git') continue
      if (found.length > folderLimits.files) return
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else {
        const isLink = entry.isSymbolicLink()
        const bytes = lstatSync(join(folder, path)).size
        found.push({ path, bytes, isLink, leadsOut: isLink && !leadsInto(join(folder, path), home) })
      }
    }
  }
  walk('')
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function leadsInto(link: string, home: string): boolean {
  try {
    return realpathSync(link).startsWith(home + sep)
  } catch {
    return false
  }
}

/** What is wrong with the names and sizes of an agent's files. */
export function findFolderProblems(files: readonly ListedFile[]): AgentProblem[] {
  const problems: AgentProblem[] = []
  const say = (file: string, rule: string, message: string, fix: string): void => {
    problems.push({
      file: toPrintable(file),
      line: null,
      column: null,
      severity: 'error',
      rule,
      message,
      fix,
    })
  }
  if (!files.some(({ path }) => path === 'agent.yaml'))
    say('agent.yaml', 'name', 'There is no agent.yaml.', 'Begin with: carl agent new NAME')
  if (!files.some(({ path }) => path === 'agent.py'))
    say('agent.py', 'name', 'There is no agent.py.', 'Begin with: carl agent new NAME')
  if (files.length > folderLimits.files)
    say(
      '.',
      'size',
      `It has more than ${folderLimits.files} files.`,
      'Keep what is no part of the agent elsewhere.',
    )

  const seen = new Map<string, string>()
  let sourceBytes = 0
  for (const { path, bytes, isLink, leadsOut } of files) {
    if (toPrintable(path) !== path || path.length > 200 || /[\\:*?"<>|\n\t]/.test(path)) {
      say(
        path,
        'name',
        'The name holds characters that act, or that other systems do not take.',
        'Use letters, digits, - and _.',
      )
      continue
    }
    const twin = seen.get(path.toLowerCase())
    if (twin !== undefined)
      say(path, 'name', `It differs from ${twin} by case alone.`, 'Give it a name of its own.')
    seen.set(path.toLowerCase(), path)
    if (isLink) {
      const what = leadsOut ? 'It is a link that leads out of the folder.' : 'It is a link.'
      say(path, 'name', what, 'Put the file itself here.')
    }
    const most = limitOf(path)
    if (most !== null && bytes > most)
      say(
        path,
        'size',
        `It has ${bytes} bytes, and may have ${most}.`,
        'Make it smaller, or in several parts.',
      )
    if (!path.endsWith('.py') || path.includes('/')) continue
    if (isModuleName(path)) sourceBytes += bytes
    else if (!/^test_[a-z0-9_]+\.py$/.test(path))
      say(
        path,
        'name',
        'A module of this name does not travel.',
        'Use lower-case letters, digits and _, beginning with a letter.',
      )
  }
  if (sourceBytes > folderLimits.sourceBytes)
    say(
      'agent.py',
      'size',
      `All modules have ${sourceBytes} bytes, and may have ${folderLimits.sourceBytes}.`,
      'An agent is a small program; leave data out of it.',
    )
  return problems
}

function limitOf(path: string): number | null {
  if (path === 'agent.yaml') return folderLimits.manifestBytes
  if (path === 'README.md') return folderLimits.readmeBytes
  if (path.endsWith('.py')) return folderLimits.moduleBytes
  return /^(?:samples|answers)\//.test(path) ? folderLimits.sampleBytes : null
}
