import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { findPython, type Interpreter } from '../scripts/python/interpreters.ts'
import { pythonVersions } from '../scripts/python/rules.ts'

const run = promisify(execFile)
const here = import.meta.dirname

/** Real faults take long, and do not depend on the version: one Python is enough for them. */
const once = 'test_seeded_faults'
/** They share two cores with each other: most of their time is waiting for commands. */
const withinMs = 400_000

const folders = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({ name, modules: testModules(join(here, name)) }))
  .filter(({ modules }) => modules.length > 0)

function testModules(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => /^test_\w+\.py$/.test(file))
    .map((file) => file.slice(0, -'.py'.length))
    .sort()
}

let pythons: Interpreter[] = []
beforeAll(async () => {
  const found = await Promise.all(pythonVersions.map((version) => findPython(version)))
  pythons = found.filter((python): python is Interpreter => python !== null)
})

/** Runs test files of one folder. Returns nothing when all is well, else what a person would see. */
async function failuresOf({ version, path }: Interpreter, folder: string, modules: readonly string[]) {
  try {
    const { stderr } = await run(path, [join(here, 'run_tests.py'), folder, '-v', ...modules])
    for (const worthSaying of stderr.match(/^(?:.* \.\.\. skipped .*|precision .*)$/gm) ?? []) {
      console.log(`Python ${version}: ${worthSaying}`)
    }
    for (const figure of stderr.match(/^.*precision .*$/gm) ?? []) console.log(figure)
    return ''
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    const lines = `${stdout}${stderr}`.split('\n').filter((line) => !/ \.\.\. (ok|skipped .*)$/.test(line))
    return [`${folder} under Python ${version}:`, ...lines].join('\n')
  }
}

describe('the Python of the agents', () => {
  test('some Python is here to try them with', () => {
    expect(pythons.map(({ version }) => version)).not.toEqual([])
  })

  test('the kit and the agents keep their promises under every Python that is here', {
    timeout: withinMs,
  }, async () => {
    const failed = await Promise.all(
      pythons.flatMap((python) =>
        folders.map(({ name, modules }) =>
          failuresOf(
            python,
            name,
            modules.filter((module) => module !== once),
          ),
        ),
      ),
    )
    expect(failed.filter(Boolean).join('\n\n')).toBe('')
  })

  test('the agents find real faults', { timeout: withinMs }, async () => {
    const python = pythons.at(-1)
    if (!python) throw new Error('no Python was found')
    const failed = await Promise.all(
      folders
        .filter(({ modules }) => modules.includes(once))
        .map(({ name }) => failuresOf(python, name, [once])),
    )
    expect(failed.filter(Boolean).join('\n\n')).toBe('')
  })
})
