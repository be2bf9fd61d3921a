import { writeSync } from 'node:fs'

/** Something a person has to put right: the message says what is wrong and what to do. */
export class SetupProblem extends Error {}

/** One line on standard error. */
export function say(line) {
  writeSync(2, `${line}\n`)
}

/** The last lines of what a program said, indented, to stand below a message. */
export function lastLines({ stdout, stderr, error }) {
  const lines = `${stdout ?? ''}\n${stderr ?? ''}\n${error ? error.message : ''}`
    .split('\n')
    .filter((line) => line.trim())
  return lines
    .slice(-15)
    .map((line) => `  ${line}`)
    .join('\n')
}
