import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compileWith, findPython } from './python/interpreters.ts'
import { createPythonLint } from './python/lint.ts'
import { exceptions, pythonVersions } from './python/rules.ts'

const lint = createPythonLint(exceptions)
const rulesOf = (path: string, source: string) =>
  lint(path, source).problems.map((line) => line.split(' ')[1])

describe('the check of Python files', () => {
  test.each([
    ['match x:\n    case 1:\n        print(x)\n', 'syntax that 3.8 does not know', /match/],
    ['def f(x: int | None) -> int:\n    return x or 0\n', 'annotations that 3.8 cannot evaluate', /FA102/],
    ['import subprocess\n\nsubprocess.run("ls", shell=True)\n', 'a shell', /S602/],
    ['import os\n\nos.system("ls " + os.sep)\n', 'a shell by another name', /S605/],
    ['eval("1")\n', 'evaluating text', /S307/],
    ['import yaml\n\nprint(1)\n', 'an import that is not used', /F401/],
    ['print(missing)\n', 'a name that is nowhere', /F821/],
    ['x = 1  # noqa\n', 'an exception that hides in a file', /noqa/],
  ])('%j is refused: %s', (source, _what, rule) => {
    expect(lint('agents/some/agent.py', source).problems.join('\n')).toMatch(rule)
  })

  test('programs may be started by name, without a shell', () => {
    expect(
      lint('agents/some/agent.py', 'import subprocess\n\nsubprocess.run(["df"], check=True)\n').problems,
    ).toEqual([])
  })

  test('only tests assert', () => {
    expect(rulesOf('agents/some/agent.py', 'assert 1\n')).toEqual(['S101'])
    expect(rulesOf('agents/some/test_agent.py', 'assert 1\n')).toEqual([])
  })

  test('layout is put right, and a file that is not Python is left alone', () => {
    expect(lint('agents/a.py', "x = {'a':1}\n").formatted).toBe('x = {"a": 1}\n')
    expect(lint('agents/a.py', 'def (\n')).toMatchObject({ formatted: 'def (\n' })
    expect(lint('agents/a.py', 'def (\n').problems.length).toBeGreaterThan(0)
  })

  test('every Python that is here reads the files itself', async () => {
    const pythons = (await Promise.all(pythonVersions.map(findPython))).filter((python) => python !== null)
    expect(pythons.length).toBeGreaterThan(0)
    const folder = mkdtempSync(join(tmpdir(), 'python-'))
    try {
      const [good, bad] = [join(folder, 'good.py'), join(folder, 'bad.py')]
      writeFileSync(good, 'print("fine")\n')
      writeFileSync(bad, 'x = 1\nprint "old"\n')
      for (const python of pythons) {
        expect(await compileWith(python, [good])).toEqual([])
        expect(await compileWith(python, [good, bad])).toEqual([
          expect.stringMatching(new RegExp(`bad\\.py:2 .*\\(Python ${python.version}\\)`)),
        ])
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
