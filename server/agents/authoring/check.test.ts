import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtInAgents } from '../built-in.ts'
import { checkAgent } from './check.ts'
import { findFolderProblems } from './folder-problems.ts'
import { findManifestProblems } from './manifest-problems.ts'
import { renamed, writeNewAgent } from './new.ts'
import { placeOf } from './problem.ts'
import { findSampleProblems } from './sample-problems.ts'

const kit = join(builtInAgents(), 'kit')
const none: ReadonlySet<string> = new Set()
let into: string
beforeAll(() => {
  into = mkdtempSync(join(tmpdir(), 'carl-check-'))
  writeNewAgent('big-logs', into, kit, none)
})
afterAll(() => rmSync(into, { recursive: true }))

const told = (problems: Parameters<typeof placeOf>[0][]) =>
  problems.map((problem) => `${placeOf(problem)} ${problem.rule}: ${problem.message}`)

/** What was told, each as far as it is expected to begin; so a table needs no whole sentences. */
const beginnings = (lines: readonly string[], expected: string) =>
  lines.map((line) => line.slice(0, expected.length || undefined))

describe('a new agent', () => {
  test('is in order as it is written', async () => {
    const { problems, manifest, python } = await checkAgent(join(into, 'big-logs'), kit)
    expect(told(problems)).toEqual([])
    expect(manifest).toMatchObject({ id: 'big-logs', title: 'Big logs' })
    expect(python).toMatch(/^3\.\d+$/)
  })

  test('takes nobody’s place', () => {
    expect(() => writeNewAgent('big-logs', into, kit, none)).toThrow(/^agent\.exists: .* is there already/)
    expect(() => writeNewAgent('system-health', into, kit, new Set(['system-health']))).toThrow(
      /^agent\.exists/,
    )
  })

  test.each(['../big', 'Big', 'big_logs', '', 'big--logs', 'a'.repeat(65), 'big\n', '-rf'])(
    'cannot be called %j',
    (name) => expect(() => writeNewAgent(name, into, kit, none)).toThrow(/^agent\.name_invalid/),
  )

  test('is called by its name in every spelling', () => {
    expect(renamed('id: first-agent, First agent, class FirstAgentTest', 'big-log-files')).toBe(
      'id: big-log-files, Big log files, class BigLogFilesTest',
    )
  })
})

describe('the built-in agents', () => {
  const names = readdirSync(builtInAgents()).filter((name) =>
    existsSync(join(builtInAgents(), name, 'agent.yaml')),
  )

  test('are all looked at', () => expect(names).toHaveLength(5))

  test.each(names)('%s has no mistake', async (name) => {
    const { problems } = await checkAgent(join(builtInAgents(), name), kit)
    expect(told(problems.filter(({ severity }) => severity === 'error'))).toEqual([])
  })
})

const least = `id: big-logs
version: 1.0.0
title: Big logs
description: Says what has grown.
protocol: 1
timeoutS: {}
`
const withOption = (option: string) => `${least}options:
  type: object
  additionalProperties: false
  properties:
    limit:
${option}
`

describe('agent.yaml', () => {
  test.each<[name: string, text: string, says: string]>([
    ['that is in order', least, ''],
    ['without a field', least.replace('title: Big logs\n', ''), 'agent.yaml:1:1 manifest: title: '],
    ['with a wrong value', least.replace('1.0.0', 'one'), 'agent.yaml:2:1 manifest: version: Three numbers'],
    [
      'with a wrong value deep inside',
      least.replace('{}', '{ default: soon }'),
      'agent.yaml:6:13 manifest: timeoutS.default: ',
    ],
    ['with a misspelt field', `${least}histroy: [a]`, 'agent.yaml:7:1 manifest: histroy is not a field'],
    ['that is no YAML', `${least}reads: [`, 'agent.yaml:7:9 manifest: '],
    ['with a field twice', `${least}protocol: 1`, 'agent.yaml:7:1 manifest: Map keys must be unique'],
    [
      'with hidden characters',
      least.replace('Big logs', 'Big \u202elogs'),
      'agent.yaml:3:8 name: A text holds',
    ],
    [
      'with a pattern that is none',
      withOption('      type: string\n      pattern: "("'),
      'agent.yaml:7:1 options: options: ',
    ],
    [
      'with a default that its rule refuses',
      withOption('      type: integer\n      minimum: 1\n      default: 0'),
      'agent.yaml:14:7 options: options.limit: must be >= 1',
    ],
    [
      'with a default that tests cannot read',
      withOption('      type: string\n      default: off-by-one'),
      'agent.yaml:13:7 options: The default of limit does not stand as JSON',
    ],
    [
      'with a default beside others',
      `${withOption('').replace('limit:', 'limit: { type: integer, default: 1 }')}`,
      'agent.yaml:11:29 options: The default of limit',
    ],
  ])('%s', (_name, text, says) => {
    const { problems } = findManifestProblems(text)
    expect(beginnings(told(problems), says)).toEqual(says === '' ? [] : [says])
    for (const { fix } of problems) expect(fix).toMatch(/\S.*[.?)\w\]}"]$/)
  })

  test('that misspells a field is told which one may be meant', () => {
    expect(findManifestProblems(`${least}histroy: [a]`).problems[0]?.fix).toBe('Did you mean history?')
  })
})

describe('a program', () => {
  let folder: string
  beforeAll(() => {
    writeNewAgent('tried', into, kit, none)
    folder = join(into, 'tried')
  })

  const head = 'from agent_kit import Agent, main\n\nSCHEMA = "tried/1"\n\n'
  const tail = '\n\nmain(print, SCHEMA)\n'
  test.each<[source: string, says: string | null]>([
    ['import json\n', null],
    ['import requests\n', 'agent.py:5:1 import: import of requests'],
    ['import tomllib\n', 'agent.py:5:1 import: import of tomllib, which not every Python'],
    ['import telnetlib\n', 'agent.py:5:1 import: import of telnetlib, which not every Python'],
    ['from . import rules\n', 'agent.py:5:1 import: modules travel side by side'],
    ['import subprocess as s\n', 'agent.py:5:1 import: import of subprocess'],
    ['from os import system as s\n\ns("ls")\n', 'agent.py:7:1 call: os.system'],
    ['import os as o\n\no.execvp("ls", ["ls"])\n', 'agent.py:7:1 call: os.execvp'],
    ['eval("1")\n', 'agent.py:5:1 call: eval'],
    ['def f(agent):\n    agent.run(["/bin/sh", "-c", "ls"])\n', 'agent.py:6:5 call: /bin/sh -c is a shell'],
    ['def f(agent):\n    agent.run("df -P")\n', 'agent.py:6:5 call: a command is a list of words'],
    ['def f(path):\n    open(path, "w").close()\n', 'agent.py:6:5 change: open changes the node'],
    ['match 1:\n    case 1:\n        pass\n', 'agent.py:5:1 python: Pattern matching'],
    [
      'with (open("a") as a, open("b") as b):\n    pass\n',
      'agent.py:5:1 python: Parenthesized context managers',
    ],
    ['x = f"{"a"}"\n', 'agent.py:5'],
    ['def f(x: int | None):\n    return x\n', 'agent.py:5:10 python: X | Y'],
    ['x = list[int]\n', 'agent.py:5:5 python: list[…]'],
    ['x = {} | {"a": 1}\n', 'agent.py:5:5 python: dict | dict'],
    ['x = "a.b".removesuffix(".b")\n', 'agent.py:5:5 python: removesuffix came with Python 3.9'],
    ['from functools import cache\n', 'agent.py:5:1 python: functools.cache came with Python 3.9'],
    ['x = 1 if True else\n', 'agent.py:5'],
  ])('%j', { timeout: 60_000 }, async (source, says) => {
    writeFileSync(join(folder, 'agent.py'), `${head}${source}${tail}`)
    const { problems } = await checkAgent(folder, kit)
    expect(beginnings(told(problems), says ?? '')).toEqual(says === null ? [] : [says])
  })

  test('is free to write types as of today where no Python evaluates them', async () => {
    const source = 'from __future__ import annotations\n\n'
    writeFileSync(
      join(folder, 'agent.py'),
      `${source}${head}def f(x: list[int] | None) -> dict[str, int]:\n    return {}\n${tail}`,
    )
    expect(told((await checkAgent(folder, kit)).problems)).toEqual([])
  })

  test('that never starts, and a module that hides another, are told', async () => {
    writeFileSync(join(folder, 'agent.py'), 'SCHEMA = "x/1"\n')
    writeFileSync(join(folder, 'json.py'), '')
    const { problems } = await checkAgent(folder, kit)
    rmSync(join(folder, 'json.py'))
    expect(told(problems)).toEqual([
      'agent.py:1:1 agent: agent.py never calls main of agent_kit',
      'json.py:1:1 name: json.py hides a module of that name',
    ])
  })
})

describe('the files of an agent', () => {
  const file = (path: string, more: object = {}) => ({
    path,
    bytes: 10,
    isLink: false,
    leadsOut: false,
    ...more,
  })
  const sound = [file('agent.yaml'), file('agent.py')]
  test.each<[name: string, files: ReturnType<typeof file>[], says: string[]]>([
    ['are few', sound, []],
    ['are missing', [], ['agent.yaml name: There is no agent.yaml.', 'agent.py name: There is no agent.py.']],
    ['have a name that acts', [...sound, file('a\u001b[2J.py')], ['a\ufffd[2J.py name: The name holds']],
    [
      'have a name that would not travel',
      [...sound, file('Rules.py')],
      ['Rules.py name: A module of this name'],
    ],
    [
      'differ by case',
      [...sound, file('samples/a.json'), file('samples/A.json')],
      ['samples/A.json name: It differs'],
    ],
    [
      'lie elsewhere',
      [...sound, file('rules.py', { isLink: true, leadsOut: true })],
      ['rules.py name: It is a link that leads out'],
    ],
    [
      'are too large',
      [...sound, file('README.md', { bytes: 300_000 })],
      ['README.md size: It has 300000 bytes'],
    ],
    [
      'are together too large',
      [...sound, ...['a', 'b', 'c'].map((name) => file(`${name}.py`, { bytes: 500_000 }))],
      ['agent.py size: All modules'],
    ],
  ])('%s', (_name, files, says) => {
    const found = told(findFolderProblems(files))
    expect(found).toHaveLength(says.length)
    for (const [at, text] of says.entries()) expect(found[at]).toContain(text)
  })
})

describe('what only tests read', () => {
  test('is looked for no sample where it lies in answers', async () => {
    const folder = join(into, 'with-answers')
    writeNewAgent('with-answers', into, kit, none)
    mkdirSync(join(folder, 'answers'))
    writeFileSync(join(folder, 'answers/lvs.json'), '{"report": []}')
    writeFileSync(join(folder, 'answers/df.txt'), 'Filesystem\n')
    expect(told((await checkAgent(folder, kit)).problems)).toEqual([])
  })
})

describe('a sample', () => {
  const { manifest } = findManifestProblems(
    withOption('      type: integer\n      minimum: 1\n      default: 1'),
  )
  test.each<[text: string, says: string | null]>([
    ['{"says": "x"}', null],
    ['{\n  "says": "x",\n  "files": {"/a": 1}\n}', 'samples/a.json:3 sample: files./a: '],
    ['{\n  "says": "x",\n  "files": {"/../etc": ""}\n}', 'samples/a.json:3 sample: files./../etc: '],
    [
      '{\n  "says": "x",\n  "options": {"limit": 0}\n}',
      'samples/a.json:3 sample: options.limit: must be >= 1',
    ],
    [
      '{\n  "says": "x",\n\n  "options": {"other": 0}\n}',
      'samples/a.json:4 sample: options.other: not an option',
    ],
    ['{"says": "x", "mode": "plan"}', 'samples/a.json:1 sample: The agent has no mode plan.'],
    [
      '{"says": "x", "history": {"sizes": []}}',
      'samples/a.json:1 sample: The agent keeps no history of sizes.',
    ],
    ['{\n  "says": "x"\n  "files": {}\n}', 'samples/a.json:3 sample: It is not JSON.'],
    ['{"report": [{"lv": []}]}', 'samples/a.json:1 sample: It is no recorded node'],
    ['[1, 2]', 'samples/a.json:1 sample: It is no recorded node'],
  ])('%s', (text, says) => {
    const found = told(findSampleProblems('samples/a.json', text, manifest))
    expect(beginnings(found, says ?? '')).toEqual(says === null ? [] : [says])
  })
})
