import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Interpreter {
  readonly version: string
  readonly path: string
}

/** Finds a Python of this minor version: in PATH, at the usual places, or under pyenv. Null when there is none. */
export async function findPython(version: string): Promise<Interpreter | null> {
  const name = `python${version}`
  const pyenv = process.env.PYENV_ROOT ?? join(homedir(), '.pyenv')
  const places = [
    ...globSync(join(pyenv, 'versions', `${version}.*`, 'bin', name)),
    `/usr/local/bin/${name}`,
    `/usr/bin/${name}`,
    name,
  ]
  for (const path of places) {
    // A pyenv shim is there for every version, and works for the chosen ones alone: only running it tells.
    const told = await run(path, [
      '-I',
      '-S',
      '-c',
      'import sys; print("%d.%d" % sys.version_info[:2])',
    ]).catch(() => null)
    if (told?.stdout.trim() === version) return { version, path }
  }
  return null
}

const compileAll = `
import sys
failed = 0
for name in sys.argv[1:]:
    try:
        with open(name, "rb") as file:
            compile(file.read(), name, "exec")
    except (SyntaxError, ValueError, Warning) as error:
        failed = 1
        print("%s:%s %s" % (name, getattr(error, "lineno", None) or 1, error))
sys.exit(failed)
`

/** Compiles the files with this Python, writing nothing. Returns a line for each that it does not understand. */
export async function compileWith(
  { version, path }: Interpreter,
  files: readonly string[],
): Promise<string[]> {
  try {
    await run(path, ['-I', '-B', '-W', 'error', '-c', compileAll, ...files])
    return []
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    const lines = `${stdout}${stderr}`.split('\n').filter(Boolean)
    return lines.map((line) => `${line} (Python ${version})`)
  }
}
