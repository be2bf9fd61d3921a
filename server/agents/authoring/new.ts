import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { agentId } from '../../../contract/ids.ts'
import { fail } from '../../lib/errors.ts'

/**
 * Writes a small agent that works: manifest, program, its test, samples and a README, under a name of one's own.
 * Returns the files, below its folder. Throws `agent.name_invalid` and `agent.exists`; nothing is written over.
 */
export function writeNewAgent(
  name: string,
  into: string,
  kitFolder: string,
  taken: ReadonlySet<string>,
): string[] {
  const parsed = agentId.safeParse(name)
  if (!parsed.success)
    throw fail('agent.name_invalid', { detail: `"${name.slice(0, 80)}" is no name of an agent.` })
  const folder = join(into, parsed.data)
  if (existsSync(folder)) throw fail('agent.exists', { detail: `${folder} is there already.` })
  if (taken.has(parsed.data)) throw fail('agent.exists', { detail: `${parsed.data} comes with this server.` })
  const written: string[] = []

  function copy(from: string, below: string): void {
    mkdirSync(join(folder, below), { recursive: true })
    for (const entry of readdirSync(from, { withFileTypes: true })) {
      const path = below === '' ? entry.name : join(below, entry.name)
      if (entry.name === '__pycache__') continue
      if (entry.isDirectory()) copy(join(from, entry.name), path)
      else {
        writeFileSync(
          join(folder, path),
          renamed(readFileSync(join(from, entry.name), 'utf8'), parsed.data ?? ''),
        )
        written.push(path)
      }
    }
  }

  copy(join(kitFolder, 'first-agent'), '')
  return written.sort()
}

/** The text of the example under another name, in each of its spellings. */
export function renamed(text: string, name: string): string {
  const words = name.split('-')
  const [first = '', ...rest] = words
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)
  return text
    .replaceAll('first-agent', name)
    .replaceAll('First agent', [capital(first), ...rest].join(' '))
    .replaceAll('FirstAgent', words.map(capital).join(''))
}
