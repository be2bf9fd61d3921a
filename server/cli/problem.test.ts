import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { type ErrorCode, type Problem, toProblem } from '../../contract/errors.ts'
import { fail } from '../lib/errors.ts'
import { exitCodeOf, printProblem, problemOf } from './problem.ts'

describe('the exit status tells scripts', () => {
  test.each<[status: number, what: string, code: ErrorCode]>([
    [1, 'that something was refused', 'node.none_selected'],
    [1, 'that a node was not reached', 'ssh.connection_refused'],
    [69, 'that no server runs', 'server.not_ready'],
    [69, 'that the server does not answer', 'server.no_answer'],
    [1, 'that a passphrase is wrong', 'vault.wrong_passphrase'],
    [69, 'that the server is sealed', 'vault.sealed'],
    [75, 'that another server has the folder', 'storage.locked'],
    [78, 'that a setting is wrong', 'config.invalid'],
    [78, 'that the key is wrong', 'vault.wrong_key'],
    [78, 'that the folder cannot be used', 'storage.not_writable'],
  ])('%i: %s', (status, _what, code) => {
    expect(exitCodeOf(toProblem(code))).toBe(status)
  })
})

describe('a problem on a terminal', () => {
  function printed(problem: Problem): string {
    let written = ''
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      written += String(chunk)
      return true
    })
    printProblem(problem)
    return stripVTControlCharacters(written)
  }

  test('says what is wrong, in this very case, and what to do', () => {
    const problem = toProblem('config.invalid', 'PORT: a port number')
    expect(printed(problem)).toBe(
      `✗ ${problem.title}.\n  PORT: a port number\n  → ${problem.fix} (config.invalid)\n`,
    )
  })

  test('does not say the same twice', () => {
    const problem = toProblem('node.not_found')
    expect(printed(problem)).toBe(`✗ ${problem.title}.\n  → ${problem.fix} (node.not_found)\n`)
  })

  test('cannot command the terminal, though a node has worded it', () => {
    expect(printed(toProblem('launch.no_hello', 'bash: \u001b]0;owned\u0007'))).toContain(
      'bash: \ufffd]0;owned\ufffd',
    )
  })
})

test('what went wrong is found in what was thrown, here or by the server; a bug has no words', () => {
  expect(problemOf(fail('node.not_found'))).toEqual(toProblem('node.not_found'))
  const problem = toProblem('auth.required')
  expect(problemOf(Object.assign(new Error('401'), { problem }))).toBe(problem)
  expect(problemOf(new TypeError('x is not a function'))).toBeUndefined()
  expect(problemOf('text')).toBeUndefined()
})
