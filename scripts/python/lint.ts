import { PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs'
import { type Exception, lineLength, oldestPython, selectedRules } from './rules.ts'

export interface Linted {
  /** What is wrong, one line each. */
  readonly problems: string[]
  /** The source as it should be laid out; the source itself when it is not valid. */
  readonly formatted: string
  /** The exceptions this file needed. */
  readonly used: ReadonlySet<Exception>
}

/** Looks over Python sources with Ruff, as for the oldest Python that is supported. */
export function createPythonLint(exceptions: readonly Exception[]) {
  const ruff = new Workspace(
    { 'target-version': oldestPython, 'line-length': lineLength, lint: { select: selectedRules } },
    PositionEncoding.Utf16,
  )

  function lint(path: string, source: string): Linted {
    const used = new Set<Exception>()
    const problems: string[] = []
    for (const { code, message, start_location: at } of ruff.check(source)) {
      const exception = exceptions.find(({ rule, where }) => rule === code && where.test(path))
      if (exception) used.add(exception)
      else problems.push(`${path}:${at.row} ${code ?? 'syntax'} ${message}`)
    }
    for (const [index, line] of source.split('\n').entries()) {
      if (/#\s*(ruff:\s*)?noqa\b/i.test(line)) {
        problems.push(
          `${path}:${index + 1} noqa: name the exception and its reason in scripts/python/rules.ts`,
        )
      }
    }
    return { problems, formatted: format(source), used }
  }

  function format(source: string): string {
    try {
      return ruff.format(source)
    } catch {
      // It is not valid Python, which the check has said already.
      return source
    }
  }

  return lint
}
