import type { AgentProblem } from '../../../contract/agents.ts'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as z from 'zod'
import type { AgentManifest } from '../../../contract/agent-manifest.ts'
import { toPrintable } from '../../lib/printable.ts'
import { findFolderProblems, listFolder } from './folder-problems.ts'
import { findManifestProblems } from './manifest-problems.ts'
import { findLocalPython, runPython } from './python.ts'
import { findSampleProblems } from './sample-problems.ts'

/** What a look at the folder of an agent found. */
export interface AgentCheck {
  readonly problems: AgentProblem[]
  /** Null where `agent.yaml` cannot be read. */
  readonly manifest: AgentManifest | null
  /** Version of the Python that read the programs; null where there is none, and they were not looked at. */
  readonly python: string | null
}

/** The program's own words, so that an exception shows up as what it is. */
const checked = z.object({
  python: z.string(),
  found: z.array(
    z.object({
      file: z.string(),
      line: z.number(),
      column: z.number(),
      severity: z.enum(['error', 'warning']),
      rule: z.string(),
      message: z.string(),
      fix: z.string(),
    }),
  ),
})

/** Reads the folder: names, sizes, manifest, options and samples. What needs no Python, so the server does it too. */
export function readProblems(folder: string): Omit<AgentCheck, 'python'> {
  const files = listFolder(folder)
  const problems = findFolderProblems(files)
  let manifest: AgentManifest | null = null
  if (files.some(({ path, isLink }) => path === 'agent.yaml' && !isLink)) {
    const found = findManifestProblems(readFileSync(join(folder, 'agent.yaml'), 'utf8'))
    manifest = found.manifest
    problems.push(...found.problems)
  }
  if (manifest !== null && manifest.id !== basename(folder)) {
    const message = `The folder is called ${toPrintable(basename(folder))}, and the agent ${manifest.id}.`
    problems.push({
      ...whole('agent.yaml'),
      severity: 'warning',
      rule: 'name',
      message,
      fix: 'Give both the same name.',
    })
  }
  for (const { path, isLink } of files) {
    if (isLink || !/^samples\/[^/]+\.json$/.test(path)) continue
    problems.push(...findSampleProblems(path, readFileSync(join(folder, path), 'utf8'), manifest))
  }
  return { problems, manifest }
}

/** Looks over the folder of an agent without running anything of it. */
export async function checkAgent(folder: string, kitFolder: string): Promise<AgentCheck> {
  const { problems, manifest } = readProblems(folder)
  const modules = listFolder(folder)
    .filter(({ path, isLink }) => !isLink && /^[^/-][^/]*\.py$/.test(path))
    .map(({ path }) => path)
  const python = await findLocalPython()
  if (python === null) return { problems: inOrder(problems), manifest, python: null }
  const plans = manifest?.modes.includes('apply') ? ['--plans'] : []
  const program = join(kitFolder, 'checking.py')
  const ran = await runPython(python, ['-I', '-B', program, folder, ...plans, ...modules], {
    timeoutMs: 60_000,
  })
  const told = parseTold(ran.out)
  if (told === null) {
    const message = `The programs could not be looked over: ${toPrintable(ran.err.trim().split('\n').at(-1) ?? '')}`
    problems.push({
      ...whole('agent.py'),
      severity: 'error',
      rule: 'python',
      message,
      fix: 'Look at the files.',
    })
    return { problems: inOrder(problems), manifest, python: null }
  }
  problems.push(
    ...told.found.map((one) => ({ ...one, message: toPrintable(one.message), fix: toPrintable(one.fix) })),
  )
  return { problems: inOrder(problems), manifest, python: told.python }
}

const whole = (file: string) => ({ file, line: null, column: null })

function parseTold(text: string): z.infer<typeof checked> | null {
  try {
    return checked.parse(JSON.parse(text))
  } catch {
    // Nothing that it said can be used; what it wrote as its error tells more.
    return null
  }
}

/** By file and line, so that an author goes through them from the top. */
const inOrder = (problems: readonly AgentProblem[]): AgentProblem[] =>
  [...problems].sort((a, b) => (a.file === b.file ? (a.line ?? 0) - (b.line ?? 0) : a.file < b.file ? -1 : 1))
