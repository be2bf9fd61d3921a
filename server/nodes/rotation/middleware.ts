import * as z from 'zod'
import { fail } from '../../lib/errors.ts'
import { ask } from '../../ssh/ask.ts'
import { printable } from '../../ssh/probe.ts'
import { quote } from '../../ssh/quote.ts'
import type { SshConnection } from '../../ssh/transport.ts'
import type { FileTools } from './node-files.ts'
import type { KeyPlaces } from './strategy.ts'

/** The middleware writes its answer once it has done what was asked, milliseconds. */
const withinMs = 60_000

const users = z.array(z.object({ id: z.number().int(), sshpubkey: z.string().nullable() }))

/** What TrueNAS keeps of a user, of which it writes `authorized_keys` by itself. */
export interface MiddlewareUser {
  readonly id: number
  readonly text: string
}

/** Asks the middleware of TrueNAS for the keys of the user that is logged in. Throws `key.edit_failed`. */
export async function readUser(
  connection: SshConnection,
  places: KeyPlaces,
  tools: FileTools,
): Promise<MiddlewareUser> {
  const filter = JSON.stringify([['username', '=', places.user]])
  const said = await call(connection, places, ['user.query', filter], tools)
  const found = users.safeParse(parse(said)).data?.[0]
  if (!found) throw fail('key.edit_failed', { detail: 'TrueNAS does not tell the keys of this user.' })
  return { id: found.id, text: found.sshpubkey ?? '' }
}

/** Puts a new text in place of the keys of a user. Throws `key.edit_failed`. */
export async function writeUser(
  connection: SshConnection,
  places: KeyPlaces,
  { id }: MiddlewareUser,
  text: string,
  tools: FileTools,
): Promise<void> {
  await call(connection, places, ['user.update', String(id), JSON.stringify({ sshpubkey: text })], tools)
}

/** Public keys are no secret, so they may stand among the arguments. */
async function call(
  connection: SshConnection,
  { isRoot }: KeyPlaces,
  words: readonly string[],
  tools: FileTools,
): Promise<string> {
  const argv = [...(isRoot ? [] : ['sudo', '-n']), 'midclt', 'call', ...words]
  const script = `${argv.map(quote).join(' ')} </dev/null\nexit $?\n`
  const answer = await ask(connection, { command: 'exec sh -s', stdin: script }, { ...tools, withinMs })
  if (answer.exitCode === 0) return answer.stdout
  throw fail('key.edit_failed', {
    detail: `midclt ${words[0]}: ${printable(answer.stderr) || 'no answer came.'}`,
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.trim().split('\n').at(-1) ?? '')
  } catch {
    return null
  }
}
