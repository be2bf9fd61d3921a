import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findPython, type Interpreter } from './interpreters.ts'
import { pythonVersions } from './rules.ts'

const run = promisify(execFile)

/** The tests of one folder of `agents/`, by name of module. */
export interface Suite {
  readonly folder: string
  readonly modules: readonly string[]
}

/** Real faults in the system: they take long. */
const seeded = 'test_seeded_faults'

/** Every folder of `agents/` with tests: the quick ones, and those that seed real faults. */
export function findSuites(agentsFolder: string): { readonly quick: Suite[]; readonly seeded: Suite[] } {
  const all = readdirSync(agentsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name: folder }) => ({ folder, modules: testModules(join(agentsFolder, folder)) }))
  const some = (isWanted: (module: string) => boolean): Suite[] =>
    all
      .map(({ folder, modules }) => ({ folder, modules: modules.filter(isWanted) }))
      .filter(({ modules }) => modules.length > 0)
  return { quick: some((module) => module !== seeded), seeded: some((module) => module === seeded) }
}

function testModules(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => /^test_\w+\.py$/.test(file))
    .map((file) => file.slice(0, -'.py'.length))
    .sort()
}

/** The Pythons of this machine, oldest first, and the versions of which there is none. */
export async function findPythons(): Promise<{ readonly here: Interpreter[]; readonly missing: string[] }> {
  const found = await Promise.all(pythonVersions.map((version) => findPython(version)))
  return {
    here: found.filter((python): python is Interpreter => python !== null),
    missing: pythonVersions.filter((_, at) => found[at] === null),
  }
}

export interface SuiteRun {
  /** Empty when all is well, else what a person would see. */
  readonly failure: string
  /** What was skipped and why, and the figures that a suite prints. */
  readonly worthSaying: readonly string[]
  readonly seconds: number
}

/** Runs a suite under a Python. */
export async function runSuite(
  agentsFolder: string,
  { version, path }: Interpreter,
  { folder, modules }: Suite,
): Promise<SuiteRun> {
  const begin = performance.now()
  const took = () => (performance.now() - begin) / 1_000
  try {
    const { stderr } = await run(path, [join(agentsFolder, 'run_tests.py'), folder, '-v', ...modules], {
      maxBuffer: 64 * 1_048_576,
    })
    const worthSaying = stderr.match(/^(?:.* \.\.\. skipped .*|.*precision .*)$/gm) ?? []
    return { failure: '', worthSaying, seconds: took() }
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    const lines = `${stdout}${stderr}`.split('\n').filter((line) => !/ \.\.\. (ok|skipped .*)$/.test(line))
    return {
      failure: [`${folder} under Python ${version}:`, ...lines].join('\n'),
      worthSaying: [],
      seconds: took(),
    }
  }
}
