import { text } from 'node:stream/consumers'
import { fail } from '../lib/errors.ts'
import { Secret } from '../lib/secret.ts'

const enter = new Set(['\r', '\n', '\u0004'])
const rubout = new Set(['\u007f', '\b'])
const interrupt = '\u0003'

/** Asks for a passphrase: at a terminal without showing it, otherwise from standard input. Never from the arguments. */
export async function askPassphrase(question: string): Promise<Secret> {
  if (!process.stdin.isTTY) return new Secret((await text(process.stdin)).replace(/\r?\n$/, ''))
  process.stderr.write(`${question}: `)
  return new Secret(await typedLine())
}

/** As above; at a terminal it is asked for twice, so that nobody closes something with a slip of the finger. */
export async function askNewPassphrase(question: string): Promise<Secret> {
  const passphrase = await askPassphrase(question)
  if (!process.stdin.isTTY) return passphrase
  const again = await askPassphrase('Once more')
  if (again.reveal() !== passphrase.reveal())
    throw fail('vault.passphrase_weak', { detail: 'The two are not the same.' })
  return passphrase
}

function typedLine(): Promise<string> {
  const { stdin, stderr } = process
  const { promise, resolve } = Promise.withResolvers<string>()
  let typed: string[] = []
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  stdin.resume()

  function end(): void {
    stdin.off('data', hear)
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }

  function hear(chunk: string): void {
    for (const character of chunk) {
      if (character === interrupt) {
        end()
        process.exit(130)
      }
      if (enter.has(character)) {
        end()
        resolve(typed.join(''))
        return
      }
      typed = rubout.has(character) ? typed.slice(0, -1) : [...typed, character]
    }
  }

  stdin.on('data', hear)
  return promise
}
