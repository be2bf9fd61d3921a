import { readFileSync, statSync } from 'node:fs'
import { fail, toMessage } from './lib/errors.ts'

/** Behind the name of a variable: the value is what stands in the file that it names. */
export const fileEnding = '_FILE'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The variables of these names, each given as such or as the content of a file (`PORT`, or `PORT_FILE`). What is set to
 * nothing is not set. Throws `config.invalid` where both are: nobody could say which one counts.
 */
export function withFiles(env: Env, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of names) {
    const value = env[name] || undefined
    // A name that ends so by itself, such as MASTER_KEY_FILE, stays what it is: the path of a file.
    const file = env[`${name}${fileEnding}`] || undefined
    if (value !== undefined && file !== undefined) {
      throw fail('config.invalid', {
        detail: `${name} and ${name}${fileEnding} are both set; set one of them`,
      })
    }
    const read = file === undefined ? value : contentOf(`${name}${fileEnding}`, file)
    if (read !== undefined) found[name] = read
  }
  return found
}

/** Without the end of its last line, which editors add. */
function contentOf(name: string, file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw fail('config.invalid', {
      detail: `${name} cannot be read: ${toMessage(error)}${whoMayRead(file)}`,
      cause: error,
    })
  }
  if (text === '') throw fail('config.invalid', { detail: `${name} is empty: ${file}` })
  return text
}

/** Whose it is and what is to be done, for a file that is there but closed to this user. */
function whoMayRead(file: string): string {
  try {
    const { uid, gid, mode } = statSync(file)
    const me = `${process.getuid?.() ?? '?'}:${process.getgid?.() ?? '?'}`
    return `. It belongs to ${uid}:${gid} with mode ${(mode & 0o777).toString(8).padStart(4, '0')}, and this server runs as ${me}: chown or chmod it so that it may read`
  } catch {
    return ''
  }
}
