import { fail } from '../lib/errors.ts'
import { createMasterKey, decodeKey, type MasterKey } from '../vault/master-key.ts'

/**
 * Finds the key in a recovery kit, whatever language it was printed in: the one line that is a key. A key alone will do.
 * Throws `restore.no_key`; nothing of the text is in the words.
 */
export function keyFromKit(text: string): MasterKey {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => /^[A-Za-z0-9+/_-]{43}=?$/.test(line) || /^[0-9a-f]{64}$/i.test(line))
  const [line, ...others] = new Set(lines)
  if (line === undefined) throw fail('restore.no_key')
  if (others.length > 0)
    throw fail('restore.no_key', { detail: 'There are several keys in it; give the one line.' })
  return createMasterKey(decodeKey(line, 'the recovery kit'), 'generated')
}
