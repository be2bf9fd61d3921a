import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

interface VitestResult {
  numPassedTests: number
  numFailedTests: number
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[]
  }[]
}

interface PlaywrightResult {
  /** A test that passed only when it was tried again is flaky. */
  stats: { expected: number; unexpected: number; flaky: number }
}

interface Verdict {
  readonly passed: number
  readonly failed: number
  /** Each test that failed, in a line, for the end of a long output. Playwright lists its own there. */
  readonly failures: readonly string[]
  readonly exitCode: number
}

/** Whether somebody asked the tests to stop. */
let isStopped = false

/** Runs a program of Node, shown as it goes. Returns its exit status. */
function run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<number> {
  // Both know this one; Playwright contradicts NO_COLOR and then warns of it.
  const plain = process.stdout.isTTY ? {} : { NO_COLOR: undefined, FORCE_COLOR: '0' }
  const child = spawn(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: root,
    // Servers that tests start by the hundred compile the same sources; kept, that takes them half as long.
    env: { NODE_COMPILE_CACHE: join(root, '.cache/compile'), ...process.env, ...plain, ...env },
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      isStopped = true
      child.kill(signal)
    })
  }
  return new Promise((done) => {
    child.once('close', (code, signal) => done(code ?? 128 + constants.signals[signal ?? 'SIGKILL']))
  })
}

/** Everything that Vitest runs, or the files that are named. */
async function runVitest(args: readonly string[], resultFile: string): Promise<Verdict> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`]
  const exitCode = await run('vitest/vitest.mjs', ['run', ...reporters, ...args])
  // It was stopped, or broke down, before it could tell.
  const nothing = { numPassedTests: 0, numFailedTests: 0, testResults: [] }
  const result = read<VitestResult>(resultFile) ?? nothing
  // A file that does not even load counts as failed too.
  const unloaded = result.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  const failures = result.testResults.flatMap(({ name, assertionResults, message }) => {
    const place = relative(root, name)
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    const lines = failed.map(
      ({ fullName, failureMessages: [why] }) => `${place}: ${fullName}: ${firstLine(why)}`,
    )
    return assertionResults.length === 0 && message ? [`${place}: ${firstLine(message)}`] : lines
  })
  return toVerdict(result.numPassedTests, result.numFailedTests + unloaded.length, exitCode, failures)
}

/** The journeys through the built product; it is built first. */
async function runJourneys(resultFile: string): Promise<Verdict> {
  const exitCode = await run('@playwright/test/cli.js', ['test'], { E2E_RESULT: resultFile })
  const { expected, unexpected, flaky } = read<PlaywrightResult>(resultFile)?.stats ?? {
    expected: 0,
    unexpected: 0,
    flaky: 0,
  }
  return toVerdict(expected, unexpected + flaky, exitCode)
}

const firstLine = (text = ''): string => text.trim().split('\n', 1)[0] ?? ''

/** An error outside of any test counts as one that failed. */
const toVerdict = (
  passed: number,
  failed: number,
  exitCode: number,
  failures: readonly string[] = [],
): Verdict => ({
  failures,
  passed,
  failed: exitCode === 0 ? failed : Math.max(failed, 1),
  exitCode,
})

function read<Result>(file: string): Result | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Result
  } catch {
    return null
  }
}

const folder = mkdtempSync(join(tmpdir(), 'carl-test-'))
try {
  const args = process.argv.slice(2)
  const verdicts = [await runVitest(args, join(folder, 'vitest.json'))]
  // Whoever names files wants those alone.
  if (args.length === 0 && !isStopped) verdicts.push(await runJourneys(join(folder, 'journeys.json')))
  const sum = (part: 'passed' | 'failed') => verdicts.reduce((all, verdict) => all + verdict[part], 0)
  for (const line of verdicts.flatMap(({ failures }) => failures)) process.stdout.write(`failed: ${line}\n`)
  process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`)
  const firstBad = verdicts.find(({ failed, exitCode }) => failed > 0 || exitCode !== 0)
  process.exitCode = firstBad ? firstBad.exitCode || 1 : 0
} finally {
  rmSync(folder, { recursive: true, force: true })
}
