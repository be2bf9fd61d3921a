import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { inflateSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { agent as agentShape } from '../../contract/agents.ts'
import { agentId } from '../../contract/ids.ts'
import { createLogger } from '../lib/logger.ts'
import { createCatalogue } from './catalogue.ts'
import { prepareAgent } from './prepared.ts'
import { createAgentRoutes } from './routes.ts'

let root: string
let warned: { folder: string; problem: { code: string; detail: string } }[]

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'carl-agents-'))
  warned = []
  put('built-in/kit/agent_kit.py', '# the kit\n')
  putAgent('built-in/hello', 'hello')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function put(path: string, text: string): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function putAgent(folder: string, id: string, more = ''): void {
  const manifest = `id: ${id}\nversion: 1.0.0\ntitle: The ${id}\ndescription: A test.\nprotocol: 1\ntimeoutS: {}\n`
  put(`${folder}/agent.yaml`, `${manifest}${more}`)
  put(`${folder}/agent.py`, 'print("hello")\n')
}

const read = (installed: string | null = 'own') =>
  createCatalogue({
    builtInFolder: join(root, 'built-in'),
    installedFolders: installed === null ? [] : [join(root, installed)],
    logger: createLogger('warn', {
      write: (line) => void warned.push(JSON.parse(line) as (typeof warned)[number]),
    }),
  })

const idsIn = (catalogue: ReturnType<typeof read>) => catalogue.list().map(({ manifest }) => manifest.id)
const get = (id: string) => read().get(agentId.parse(id))

describe('the catalogue', () => {
  test('holds the built-in agents and the own ones, by title', () => {
    putAgent('own/zebra', 'zebra')
    putAgent('own/apple', 'apple')
    put('own/notes.txt', 'not an agent')
    mkdirSync(join(root, 'own/empty'))
    const catalogue = read()
    expect(idsIn(catalogue)).toEqual(['apple', 'hello', 'zebra'])
    expect(catalogue.list().map(({ agent }) => agent.origin)).toEqual(['installed', 'built-in', 'installed'])
    expect(warned).toEqual([])
  })

  test('needs no agents of your own', () => {
    expect(idsIn(read(null))).toEqual(['hello'])
    expect(idsIn(read('nowhere'))).toEqual(['hello'])
  })

  test('says so when there is no such agent', () => {
    expect(() => get('none')).toThrow(expect.objectContaining({ code: 'agent.not_found' }))
  })

  test('shows an agent as the API does, with its README', async () => {
    put('built-in/hello/README.md', '# Hello\n')
    const routes = createAgentRoutes({ catalogue: read() } as Parameters<typeof createAgentRoutes>[0])
    const call = {} as Parameters<typeof routes.agents.list>[1]
    const { items } = await routes.agents.list({} as never, call)
    expect(items).toHaveLength(1)
    expect(agentShape.parse(items[0])).toEqual(items[0])
    expect(items[0]).toMatchObject({ origin: 'built-in', readme: '# Hello\n' })
  })
})

describe('an agent of your own that is wrong is left out with a warning', () => {
  test.each<[name: string, spoil: () => void, says: string]>([
    ['a field is wrong', () => put('own/odd/agent.yaml', 'id: odd\n'), 'odd: agent.yaml:1:1: version: '],
    ['it is no YAML', () => put('own/odd/agent.yaml', 'id: ['), 'odd: '],
    [
      'it has no program',
      () => rmSync(join(root, 'own/odd/agent.py')),
      'odd: agent.py: There is no agent.py.',
    ],
    [
      'it takes the name of a built-in one',
      () => putAgent('own/odd', 'hello'),
      'odd: another agent is called',
    ],
    ['it takes the name of another', () => putAgent('own/odd', 'fine'), 'odd: another agent is called fine'],
    ['a file of it cannot be read', () => mkdirSync(join(root, 'own/odd/rules.py')), 'odd: EISDIR'],
    [
      'its options are no schema',
      () => putAgent('own/odd', 'odd', brokenOptions),
      'odd: agent.yaml:7:1: options: ',
    ],
    [
      'a module hides behind a link',
      () => symlinkSync('/etc/hostname', join(root, 'own/odd/rules.py')),
      'odd: rules.py: It is a link',
    ],
    [
      'a name of it is hostile',
      () => put('own/odd/so\u202egpj.py', ''),
      'odd: so\ufffdgpj.py: The name holds',
    ],
    [
      'it is too large',
      () => put('own/odd/rules.py', '#'.repeat(600_000)),
      'odd: rules.py: It has 600000 bytes',
    ],
  ])('when %s', (_name, spoil, says) => {
    putAgent('own/fine', 'fine')
    putAgent('own/odd', 'odd')
    spoil()
    const catalogue = read()
    expect(idsIn(catalogue)).toEqual(['fine', 'hello'])
    expect(catalogue.get(agentId.parse('hello')).agent.origin).toBe('built-in')
    expect(warned).toMatchObject([
      { folder: join(root, 'own/odd'), problem: { code: 'agent.manifest_invalid' } },
    ])
    expect(warned[0]?.problem.detail).toContain(says)
  })

  test('when it asks for secrets, which only what comes with the server is lent', () => {
    putAgent('own/curious', 'curious', 'secrets: [repository]\n')
    expect(idsIn(read())).toEqual(['hello'])
    expect(warned[0]?.problem.detail).toContain('only built-in agents are lent secrets')
    putAgent('built-in/hello', 'hello', 'secrets: [repository]\n')
    expect(get('hello').manifest.secrets).toEqual(['repository'])
  })

  test('and comes in when it is read again, while others stay what they were', () => {
    putAgent('own/fine', 'fine')
    putAgent('own/gone', 'gone')
    put('own/odd/agent.yaml', 'id: odd\n')
    put('own/odd/agent.py', '')
    const catalogue = read()
    expect(catalogue.leftOut()).toMatchObject([
      {
        folder: 'odd',
        problems: expect.arrayContaining([expect.objectContaining({ line: 1, rule: 'manifest' })]),
      },
    ])
    putAgent('own/odd', 'odd')
    rmSync(join(root, 'own/gone'), { recursive: true })
    put('own/fine/agent.py', 'print("another")\n')
    const held = catalogue.get(agentId.parse('fine'))
    const { take, ...told } = catalogue.readAgain()
    expect(told).toEqual({ added: ['odd'], changed: ['fine'], removed: ['gone'], leftOut: [] })
    expect(idsIn(catalogue)).toEqual(['fine', 'gone', 'hello'])
    take()
    expect(idsIn(catalogue)).toEqual(['fine', 'hello', 'odd'])
    expect(catalogue.get(agentId.parse('fine')).agent.bundleSha256).not.toBe(held.agent.bundleSha256)
    expect(catalogue.readAgain()).toMatchObject({ added: [], changed: [], removed: [], leftOut: [] })
  })

  test('when it is a link to nowhere', () => {
    mkdirSync(join(root, 'own/odd'), { recursive: true })
    symlinkSync('/nowhere', join(root, 'own/odd/agent.yaml'))
    expect(idsIn(read())).toEqual(['hello'])
  })
})

const brokenOptions = `options:
  type: object
  additionalProperties: false
  properties: { a: { type: string, pattern: '(' } }
`

test('a built-in agent that is wrong stops the start, and is named', () => {
  put('built-in/hello/agent.yaml', 'id: hello\n')
  expect(() => read()).toThrow(/agent\.manifest_invalid: hello: version: /)
})

describe('what travels to a node', () => {
  const contents = () => inflateSync(get('hello').payload.payload).toString()

  test('is the kit, and every module of the agent but its tests', () => {
    put('built-in/hello/rules.py', '# rules\n')
    put('built-in/hello/test_agent.py', '# secret test\n')
    put('built-in/hello/not-a-module.py', '# no\n')
    put('built-in/hello/samples/x.py', '# no\n')
    const [index, ...rest] = contents().split('\n')
    expect((JSON.parse(index ?? '') as [string, number][]).map(([name]) => name)).toEqual([
      'agent_kit',
      'agent',
      'rules',
    ])
    expect(rest.join('\n')).toBe('# the kit\nprint("hello")\n# rules\n')
  })

  test('is the same for the same files, whenever and in whatever order they were written', () => {
    put('built-in/hello/b.py', 'b\n')
    put('built-in/hello/a.py', 'a\n')
    const before = get('hello')
    for (const name of ['a', 'b']) rmSync(join(root, `built-in/hello/${name}.py`))
    put('built-in/hello/a.py', 'a\n')
    put('built-in/hello/b.py', 'b\n')
    put('built-in/hello/README.md', 'Words do not travel.')
    const after = get('hello')
    expect(after.payload.payload.equals(before.payload.payload)).toBe(true)
    expect(after.agent.bundleSha256).toBe(before.agent.bundleSha256)
    expect(after.agent.bundleBytes).toBe(after.payload.payload.length)
  })

  test.each(['built-in/hello/agent.py', 'built-in/kit/agent_kit.py'])(
    'is another when %s changes',
    (path) => {
      const before = get('hello').agent.bundleSha256
      put(path, '# changed\n')
      expect(get('hello').agent.bundleSha256).not.toBe(before)
    },
  )
})

test('a built-in agent that the build prepared is the same one, without its YAML', () => {
  const built = (path: string) => join(root, 'built-in', path)
  cpSync(resolve(import.meta.dirname, '../../agents/system-health'), built('system-health'), {
    recursive: true,
  })
  const read = get('system-health')
  prepareAgent(built('system-health'), built('kit'))
  writeFileSync(built('system-health/agent.yaml'), 'not: read')
  const prepared = get('system-health')
  expect(prepared.agent).toEqual(read.agent)
  expect(prepared.payload.payload.equals(read.payload.payload)).toBe(true)
  expect(prepared.payload.sha256).toBe(read.payload.sha256)
  expect(prepared.checkOptions({})).toEqual(read.checkOptions({}))
})

test('the agents that come with this server are sound', () => {
  const builtInFolder = resolve(import.meta.dirname, '../../agents')
  const catalogue = createCatalogue({ builtInFolder, installedFolders: [], logger: createLogger('silent') })
  expect(idsIn(catalogue)).toContain('system-health')
  for (const entry of catalogue.list()) {
    expect(agentShape.parse(entry.agent)).toEqual(entry.agent)
    expect(entry.checkOptions({})).toEqual(expect.any(Object))
  }
})
