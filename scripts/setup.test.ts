import { execFile, spawn } from 'node:child_process'
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const here = resolve(import.meta.dirname)
let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'setup-'))
  cpSync(join(here, 'setup.mjs'), join(root, 'scripts/setup.mjs'))
  cpSync(join(here, 'setup'), join(root, 'scripts/setup'), { recursive: true })
  // A package from a folder: npm installs it for real, without a network.
  write('tool/package.json', '{"name":"tool","version":"1.0.0"}')
  write(
    'package.json',
    '{"name":"project","version":"1.0.0","type":"module","dependencies":{"tool":"file:./tool"}}',
  )
  lock()
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const write = (path: string, text: string) => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

function lock(version = '1.0.0'): void {
  const packages = {
    '': { name: 'project', version, dependencies: { tool: 'file:./tool' } },
    'node_modules/tool': { resolved: 'tool', link: true },
    tool: { version: '1.0.0' },
  }
  write('package-lock.json', JSON.stringify({ name: 'project', version, lockfileVersion: 3, packages }))
}

interface Ended {
  code: number | string | null
  stdout: string
  stderr: string
}

function setup(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const all = [join(root, 'scripts/setup.mjs'), ...args]
  return new Promise((done) => {
    execFile(process.execPath, all, { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      done({ code: error ? (error.code ?? null) : 0, stdout, stderr }),
    )
  })
}

const say = (text: string) => ['--', 'node', '-p', JSON.stringify(text)]

describe('setting up before a command', () => {
  test('dependencies are installed once, told on standard error alone', async () => {
    const first = await setup(['check', ...say('hello')])
    expect(first).toMatchObject({ code: 0, stdout: 'hello\n' })
    expect(first.stderr).toMatch(/^Installing dependencies .*\n$/)
    expect(readFileSync(join(root, 'node_modules/tool/package.json'), 'utf8')).toContain('tool')
    expect(await setup(['check', ...say('again')])).toEqual({ code: 0, stdout: 'again\n', stderr: '' })
  })

  test('another lock file means installing again', async () => {
    await setup(['check', ...say('')])
    lock('1.0.1')
    write(
      'package.json',
      '{"name":"project","version":"1.0.1","type":"module","dependencies":{"tool":"file:./tool"}}',
    )
    rmSync(join(root, 'node_modules/.package-lock.json'))
    expect((await setup(['check', ...say('')])).stderr).toContain('Installing dependencies')
  })

  test('what somebody installed with npm directly is taken as it is', async () => {
    await setup(['check', ...say('')])
    rmSync(join(root, 'node_modules/.installed'))
    expect((await setup(['check', ...say('')])).stderr).toBe('')
  })

  test('an installation that fails says so in words, and the command does not start', async () => {
    write(
      'package.json',
      '{"name":"project","version":"1.0.0","type":"module","dependencies":{"other":"1.0.0"}}',
    )
    const ended = await setup(['check', ...say('started')])
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain('The dependencies could not be installed.')
    expect(ended.stderr).toContain('npm said:')
  })

  test('the server is built when a source is newer than the bundle, and not again', async () => {
    symlinkSync(resolve(here, '../node_modules/rolldown'), join(root, 'tool/rolldown'))
    write('vite.config.ts', 'export default { root: "web", build: { manifest: true } }\n')
    write('web/index.html', '<!doctype html><script type="module" src="/main.ts"></script>\n')
    write('web/main.ts', `document.body.append("${'much '.repeat(1_000)}")\n`)
    write('web/public/boot.js', '// first\n')
    write('web/worker/worker.ts', 'console.log("worker")\n')
    write('server/main.ts', 'const greeting: string = "one"\nconsole.log(greeting)\n')
    write('agents/first/agent.py', 'print(1)\n')
    write('agents/first/test_agent.py', 'print(2)\n')
    cpSync(join(here, 'build.ts'), join(root, 'scripts/build.ts'))
    await setup(['check', ...say('')])
    for (const tool of ['rolldown', 'vite']) {
      symlinkSync(resolve(here, '../node_modules', tool), join(root, 'node_modules', tool))
    }

    const start = ['start', '--', 'node', 'dist/main.js']
    expect(await setup(start)).toMatchObject({
      code: 0,
      stdout: 'one\n',
      stderr: expect.stringContaining('Building'),
    })
    expect(await setup(start)).toEqual({ code: 0, stdout: 'one\n', stderr: '' })
    write('server/main.ts', 'console.log("two")\n')
    utimesSync(join(root, 'server/main.ts'), new Date(), new Date(Date.now() + 5_000))
    expect((await setup(start)).stdout).toBe('two\n')
    expect(readFileSync(join(root, 'dist/agents/first/agent.py'), 'utf8')).toBe('print(1)\n')
    expect(() => readFileSync(join(root, 'dist/agents/first/test_agent.py'))).toThrow('ENOENT')
    expect(readFileSync(join(root, 'dist/web/index.html'), 'utf8')).toContain('/assets/index-')
    expect(globSync('dist/web/assets/index-*.js{,.br,.gz}', { cwd: root })).toHaveLength(3)

    write('server/main.ts', 'import "./nowhere.ts"\n')
    const broken = await setup(start)
    expect(broken).toMatchObject({ code: 1, stdout: '' })
    expect(broken.stderr).toContain('The product could not be built.')
    expect(readFileSync(join(root, 'dist/main.js'), 'utf8')).toContain('two')
  })

  test.each([
    ['test', 'tests', 'fish'],
    ['test', 'tests', 'chromium'],
    ['bench', 'benchmarks', 'ansible'],
  ])('%s: missing programs are named with the command that installs them', async (purpose, who, program) => {
    await setup(['check', ...say('')])
    const ended = await setup([purpose, ...say('started')], { PATH: join(root, 'empty') })
    expect(ended.code).toBe(1)
    expect(ended.stdout).toBe('')
    expect(ended.stderr).toMatch(
      new RegExp(`^The ${who} need programs that are not here: .*${program}.*\\n$`),
    )
  })

  test('arguments and exit status of the command pass through', async () => {
    write('tell.js', 'console.log(JSON.stringify(process.argv.slice(2))); process.exit(7)')
    const ended = await setup(['check', '--', 'node', 'tell.js', '--once', '--json', 'a b'])
    expect(ended).toMatchObject({ code: 7, stdout: '["--once","--json","a b"]\n' })
  })

  test('a signal reaches the command itself', async () => {
    await setup(['check', ...say('')])
    const code = 'process.on("SIGTERM", () => process.exit(9)); console.log("up"); setInterval(() => {}, 1e3)'
    const child = spawn(process.execPath, [
      join(root, 'scripts/setup.mjs'),
      'check',
      '--',
      'node',
      '-e',
      code,
    ])
    await new Promise((up) => child.stdout.once('data', up))
    child.kill('SIGTERM')
    const ended = await new Promise((done) => child.once('close', (...how) => done(how)))
    expect(ended).toEqual([9, null])
  })

  test.each([[['check']], [['check', 'node']], [['fly', '--', 'node']], [['toString', '--', 'node']], [[]]])(
    'called as %j it tells how it is called',
    async (args) => {
      const ended = await setup(args)
      expect(ended).toMatchObject({ code: 2, stdout: '' })
      expect(ended.stderr).toContain(
        'Usage: node scripts/setup.mjs demo|start|check|test|bench|chaos -- COMMAND',
      )
    },
  )

  test('a command that does not exist is named', async () => {
    expect((await setup(['check', '--', 'no-such-program'])).stderr).toContain(
      'no program called no-such-program',
    )
  })
})
