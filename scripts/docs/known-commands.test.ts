import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { errors } from '../../contract/errors.ts'
import { permissions } from '../../contract/permissions.ts'
import { type Offered, problemOfCommand } from './known-commands.ts'
import { readProgram } from './pages/commands.ts'
import { commandsIn, snippetsOf, spokenCalls, spokenCommands } from './snippets.ts'

const root = resolve(import.meta.dirname, '../..')
const texts = new Map(
  globSync(['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/guide/*.md', 'agents/README.md'], {
    cwd: root,
  })
    .sort()
    .map((file) => [file, readFileSync(join(root, file), 'utf8')]),
)

let offered: Offered
beforeAll(async () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
  offered = { program: await readProgram(), scripts: new Set([...Object.keys(scripts), 'test']) }
})

describe.each([...texts])('%s', (source, text) => {
  const shell = snippetsOf(source, text).filter(({ language }) =>
    ['sh', 'text', 'console'].includes(language),
  )

  test('shows only commands, options, calls and variables that there are', () => {
    const said = [
      ...shell.flatMap((snippet) =>
        linesOf(snippet.language, snippet.text).map((words) => ({ where: `line ${snippet.line}`, words })),
      ),
      ...spokenCommands(text).flatMap((words) =>
        commandsIn(words).map((command) => ({ where: words, words: command })),
      ),
      ...spokenCalls(text).map(([method, path]) => ({ where: path, words: ['curl', '-X', method, path] })),
    ]
    const problems = said.flatMap(({ where, words }) => {
      const problem = problemOfCommand(words, offered)
      return problem === null ? [] : [`${where}: ${problem}`]
    })
    expect(problems).toEqual([])
  })

  test('names only errors that there are', () => {
    const prefixes = new Set(Object.keys(errors).map((name) => name.split('.')[0]))
    const named = [...text.matchAll(/`([a-z-]+)\.([a-z][a-z_]+)`/g)].filter(
      ([, prefix = '', rest = '']) =>
        prefixes.has(prefix) && prefix !== 'agent' && !['ts', 'py', 'yaml', 'json'].includes(rest),
    )
    const known = new Set([...Object.keys(errors), ...Object.keys(permissions), 'outgoing.refused'])
    expect(named.map(([, prefix, rest]) => `${prefix}.${rest}`).filter((name) => !known.has(name))).toEqual(
      [],
    )
  })

  test.runIf(shell.some(({ language }) => language === 'sh'))('has no slip in its lines of shell', () => {
    const script = shell.filter(({ language }) => language === 'sh').map((snippet) => snippet.text)
    const { status, stderr } = spawnSync('bash', ['-n'], { input: script.join('\n'), encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})

/** What is only shown may be what a program printed: lines that begin with a command of ours are looked at. */
function linesOf(language: string, text: string): string[][] {
  if (language === 'sh') return commandsIn(text)
  return text
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => /^(?:[A-Z_]+=\S+ )*(?:carl|npm|curl) /.test(line))
    .flatMap((line) => commandsIn(line))
}

test.each<[line: string, problem: string | null]>([
  ['carl run system-health --node nas -q -o a=1', null],
  ["carl run system-health --node 'tag:pi' --timeout=60", null],
  ['carl run system-health --on nas', 'carl run takes no --on'],
  ['carl audit verify --checkpoints FILE', null],
  ['carl audit verity', 'there is no carl audit verity'],
  ['carl --version', null],
  ['carl approvals approve PLAN one two', null],
  ['carl enrol nas other', 'carl enrol takes no further words'],
  ['printf x | carl reset-password anna', null],
  ['for node in a b; do carl enroll $node; done', 'there is no carl enroll'],
  ['DATA_DIR=/srv/carl npm start', null],
  ['DATADIR=/srv/carl npm start', 'there is no variable DATADIR'],
  ['npm run demmo', 'there is no npm run demmo'],
  ['npm start -- reset-factors anna', 'npm start takes no -- reset-factors anna'],
  ['curl -s $CARL_URL/api/v1/nodes', null],
  ['curl -s $CARL_URL/api/v1/knots', 'there is no call GET /knots'],
  ['curl -s -X DELETE $CARL_URL/api/v1/nodes/nod_…', null],
  ['curl -s -d "{}" $CARL_URL/api/v1/nodes/nod_…', 'there is no call POST /nodes/nod_…'],
  ['ID=$(curl -s "$CARL_URL/api/v1/executions?statt=x" | jq .id)', 'GET /executions takes no statt'],
  ['curl -s https://example.com/', null],
])('%s', (line, problem) => {
  const problems = commandsIn(line).flatMap((words) => problemOfCommand(words, offered) ?? [])
  expect(problems).toEqual(problem === null ? [] : [problem])
})

test('a block without an end is a slip', () => {
  expect(() => snippetsOf('a.md', 'text\n\n```sh\nls\n')).toThrow('the block of line 3 has no end')
})
