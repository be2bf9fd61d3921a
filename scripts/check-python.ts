import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { compileWith, findPython, type Interpreter } from './python/interpreters.ts'
import { createPythonLint } from './python/lint.ts'
import { type Exception, exceptions, pythonVersions } from './python/rules.ts'

/**
 * Checks every Python file as it will be met: layout and rules for Python 3.8, and whether each Python that is here
 * understands it. With `--write` the layout is put right instead.
 */
async function checkPython(root: string, write: boolean): Promise<number> {
  const files = globSync('{agents,testbed}/**/*.py', { cwd: root }).sort()
  const found = await Promise.all(pythonVersions.map((version) => findPython(version)))
  const pythons = found.filter((python): python is Interpreter => python !== null)
  // Pythons run beside Ruff, which keeps this thread busy.
  const compiling = Promise.all(
    pythons.map((python) =>
      compileWith(
        python,
        files.map((file) => join(root, file)),
      ),
    ),
  )
  const problems = [...lintAll(root, files, write), ...(await compiling).flat()]

  for (const problem of problems) console.error(problem.replaceAll(`${root}/`, ''))
  const missing = pythonVersions.filter((version) => !pythons.some((python) => python.version === version))
  if (missing.length > 0)
    console.log(`Not tried, because it is not installed here: Python ${missing.join(', ')}.`)
  if (pythons.length === 0) console.error('No Python from 3.8 on was found, so no file was compiled.')
  const versions = pythons.map(({ version }) => version).join(', ')
  if (problems.length === 0) console.log(`${files.length} Python files are in order, under ${versions}.`)
  return problems.length > 0 || pythons.length === 0 ? 1 : 0
}

function lintAll(root: string, files: readonly string[], write: boolean): string[] {
  const lint = createPythonLint(exceptions)
  const used = new Set<Exception>()
  const problems = files.flatMap((file) => {
    const source = readFileSync(join(root, file), 'utf8')
    const linted = lint(file, source)
    for (const exception of linted.used) used.add(exception)
    if (linted.formatted === source) return linted.problems
    if (!write) return [...linted.problems, `${file}:1 layout: run npm run format`]
    writeFileSync(join(root, file), linted.formatted)
    return lint(file, linted.formatted).problems
  })
  const stale = exceptions.filter((exception) => !used.has(exception) && appliesToSome(exception, files))
  return [
    ...problems,
    ...stale.map(({ rule, where }) => `the exception from ${rule} for ${where} is needed no longer`),
  ]
}

const appliesToSome = ({ where }: Exception, files: readonly string[]) =>
  files.some((file) => where.test(file))

if (import.meta.main) {
  process.exitCode = await checkPython(resolve(import.meta.dirname, '..'), process.argv.includes('--write'))
}
