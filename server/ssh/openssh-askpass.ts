import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { ErrorCode } from '../../contract/errors.ts'
import type { Secret } from '../lib/secret.ts'
import { quote } from './quote.ts'

export interface PasswordDesk {
  /** What makes ssh ask here. Nothing secret is in it. */
  readonly environment: Readonly<Record<string, string>>
  /** Resolves when something is asked that has no answer, with what that means for the login. */
  readonly stuck: Promise<ErrorCode>
  close(): void
}

/** Asks over the socket and prints the answer. The password is in no argument, no environment and no file. */
const askingProgram = `
const socket = require('node:net').connect(process.env.CARL_ASKPASS_SOCKET)
socket.on('error', () => process.exit(1))
socket.on('end', () => process.exit(0))
socket.pipe(process.stdout)
socket.write(process.argv[1] + '\\n')
`

/** Answers the one password question of one login, over a socket that only this user may open. */
export async function servePassword(password: Secret, folder: string): Promise<PasswordDesk> {
  const program = join(folder, 'ask')
  const socketPath = join(folder, 'p')
  writeFileSync(program, `#!/bin/sh\nexec ${quote(process.execPath)} -e ${quote(askingProgram)} -- "$1"\n`, {
    mode: 0o700,
  })
  const { promise: stuck, resolve: getStuck } = Promise.withResolvers<ErrorCode>()
  const sockets = new Set<Socket>()
  let answers = 0

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    let question = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      question += text
      if (!question.endsWith('\n')) return
      const problem = problemOf(question, answers)
      if (problem) return getStuck(problem)
      answers++
      socket.end(`${password.reveal()}\n`)
    })
  })
  server.listen(socketPath)
  await once(server, 'listening')
  chmodSync(socketPath, 0o600)
  return {
    environment: {
      SSH_ASKPASS: program,
      SSH_ASKPASS_REQUIRE: 'force',
      CARL_ASKPASS_SOCKET: socketPath,
    },
    stuck,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/**
 * What a question means that we cannot answer; null for the password. A second question is never answered: after a
 * wrong password each further try would count as one more failure, and nodes shut out who fails often.
 */
export function problemOf(question: string, answersBefore: number): ErrorCode | null {
  if (/verification|one-time|\botp\b|\bcode\b|passcode|token|second factor/i.test(question))
    return 'ssh.auth_partial'
  if (/(current|new|retype|change).*password/i.test(question)) return 'ssh.password_expired'
  return answersBefore > 0 ? 'ssh.auth_failed' : null
}
