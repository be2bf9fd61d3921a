import { randomBytes } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import { fail } from '../../lib/errors.ts'
import { ask, mostBytes } from '../../ssh/ask.ts'
import { printable } from '../../ssh/probe.ts'
import { quote } from '../../ssh/quote.ts'
import type { SshConnection } from '../../ssh/transport.ts'
import type { KeyFile, KeyPlaces } from './strategy.ts'

export interface FileTools {
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Login scripts of eight seconds were seen, milliseconds. */
const withinMs = 30_000

/** Read to its end before it starts, like the probe of the doctor: no command in it can swallow the rest. */
const lookScript = `
mark=$1
say() { printf '\\n%s %s=%s\\n' "$mark" "$1" "$(printf %s "$2" | tr '\\n\\r' '  ')"; }
look() {
  PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin; LC_ALL=C; export PATH LC_ALL
  say begun yes
  say uid "$(id -u)"
  user=$(id -un 2>/dev/null)
  say user "$user"
  [ -e /etc/unraid-version ] && say unraid yes
  command -v midclt >/dev/null 2>&1 && say truenas yes
  seen=
  for place in "$HOME/.ssh/authorized_keys" "$HOME/.ssh/authorized_keys2" "/boot/config/ssh/$user/authorized_keys"; do
    real=$(readlink -f "$place" 2>/dev/null) || continue
    [ -f "$real" ] && [ -r "$real" ] || continue
    case "$seen" in *"|$real|"*) continue ;; esac
    seen="$seen|$real|"
    write=no
    [ -w "$real" ] && [ -w "\${real%/*}" ] && write=yes
    say path "$real"
    printf '%s file %s %s %s\\n' "$mark" "$(cksum <"$real" | tr -d '\\n' | tr ' ' :)" "$(wc -c <"$real" | tr -d ' ')" "$write"
    cat "$real"
  done
  say done yes
}
look "$@" </dev/null
exit
`

/** Looks for the files that let this user in. Null when the node answers something else, as a forced command does. */
export async function lookForKeys(connection: SshConnection, tools: FileTools): Promise<KeyPlaces | null> {
  const mark = newMark()
  const { octets } = await ask(
    connection,
    { command: `exec sh -s ${mark}`, stdin: lookScript },
    { ...tools, withinMs },
  )
  if (octets.length >= mostBytes) {
    throw fail('key.edit_failed', { detail: 'The file of authorized keys is larger than 60 KB.' })
  }
  return parseLook(octets.toString('latin1'), mark)
}

/** Takes the answer apart. A file is as long as was said before it, so nothing in it is taken for an answer. */
export function parseLook(text: string, mark: string): KeyPlaces | null {
  const facts = new Map<string, string>()
  const files: KeyFile[] = []
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end < 0 ? text.length : end)
    at = end < 0 ? text.length : end + 1
    const found = line.startsWith(`${mark} `) ? line.slice(mark.length + 1) : null
    if (found === null) continue
    const file = /^file (?<sum>\S+) (?<size>\d+) (?<write>yes|no)$/.exec(found)?.groups
    if (file) {
      const size = Number(file.size)
      const path = facts.get('path') ?? ''
      // The node cannot send more than was taken, and a path is a place from the root or nothing of ours.
      if (at + size > text.length || !path.startsWith('/')) return null
      const content = { text: text.slice(at, at + size), sum: file.sum ?? '' }
      files.push({ path, canWrite: file.write === 'yes' && !content.text.includes('\0'), ...content })
      at += size
      continue
    }
    const [, key, value] = /^(\w+)=(.*)$/.exec(found) ?? []
    if (key !== undefined && value !== undefined) facts.set(key, value)
  }
  if (!facts.has('done')) return null
  return {
    isUnraid: facts.has('unraid'),
    isTrueNas: facts.has('truenas'),
    isRoot: facts.get('uid') === '0',
    user: facts.get('user') ?? '',
    files,
  }
}

/**
 * Puts a new text in place of a file that is still as it was read: written beside it with its mode, owner and SELinux
 * context, on disk before it takes the name. Whatever goes wrong, the old file stays. Throws `key.edit_failed` and `key.edit_raced`.
 */
export async function replaceFile(
  connection: SshConnection,
  file: KeyFile,
  text: string,
  tools: FileTools,
): Promise<void> {
  const mark = newMark()
  const { stdout, stderr } = await ask(
    connection,
    { command: `exec sh -s ${mark}`, stdin: Buffer.from(replaceScript(file, text), 'latin1') },
    { ...tools, withinMs },
  )
  const said = stdout
    .split('\n')
    .findLast((line) => line.startsWith(`${mark} `))
    ?.slice(mark.length + 1)
  if (said === 'written') return
  if (said === 'changed') throw fail('key.edit_raced')
  const why = printable(said ?? stderr) || 'no answer came'
  throw fail('key.edit_failed', { detail: `${printable(file.path)}: ${why}.` })
}

const replaceScript = (file: KeyFile, text: string): string => `
mark=$1
file=${quote(file.path)}
sum=${quote(file.sum)}
text=${quote(text)}
new="$file.carl-$mark"
same() { [ "$(cksum <"$file" | tr -d '\\n' | tr ' ' :)" = "$sum" ]; }
look() { ls -ldn "$1" | { read -r mode links user group rest; printf '%s %s %s' "$mode" "$user" "$group"; }; }
give_up() { rm -f "$new"; printf '\\n%s %s\\n' "$mark" "$1"; exit 1; }
flush() { sync "$1" 2>/dev/null || fsync "$1" 2>/dev/null || sync; }
replace() {
  PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin; LC_ALL=C; export PATH LC_ALL
  umask 077
  trap 'rm -f "$new"' HUP INT TERM
  rm -f "$file".carl-*
  same || give_up changed
  cp -a "$file" "$new" 2>/dev/null || cp -p "$file" "$new" || give_up 'it could not be copied'
  printf %s "$text" >"$new" || give_up 'it could not be written'
  command -v chcon >/dev/null 2>&1 && chcon --reference="$file" "$new" 2>/dev/null
  [ "$(look "$file")" = "$(look "$new")" ] || give_up 'its mode and owner could not be kept'
  flush "$new"
  same || give_up changed
  mv -f "$new" "$file" || give_up 'it could not be put in place'
  flush "\${file%/*}"
  printf '\\n%s written\\n' "$mark"
}
replace </dev/null
exit
`

const newMark = (): string => randomBytes(9).toString('hex')
