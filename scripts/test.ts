import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

interface VitestResult {
  numPassedTests: number
  numFailedTests: number
  testResults: { status: string; assertionResults: unknown[] }[]
}

/** Runs Vitest with these arguments, shown as it goes. Returns its exit status. */
function runVitest(args: readonly string[], resultFile: string): Promise<number> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`]
  const env = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], {
    cwd: root,
    env,
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((done) => {
    child.once('close', (code, signal) => done(code ?? 128 + constants.signals[signal ?? 'SIGKILL']))
  })
}

/** Counts tests. A file that does not even load, and an error outside of any test, count as failed too. */
function count(resultFile: string, exitCode: number): { passed: number; failed: number } {
  const result = read(resultFile)
  const unloaded = result.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  const failed = result.numFailedTests + unloaded.length
  return { passed: result.numPassedTests, failed: exitCode === 0 ? failed : Math.max(failed, 1) }
}

function read(file: string): VitestResult {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestResult
  } catch {
    // It was stopped, or broke down, before it could tell.
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'carl-test-'))
try {
  const resultFile = join(folder, 'result.json')
  const exitCode = await runVitest(process.argv.slice(2), resultFile)
  const { passed, failed } = count(resultFile, exitCode)
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  process.exitCode = failed > 0 ? exitCode || 1 : 0
} finally {
  rmSync(folder, { recursive: true, force: true })
}
