/**
 * What a node tells about itself, by plain POSIX shell, one `MARK key=value` a line. It is sent on standard input, so
 * no login shell gets to read it, and reads to its end before it starts, so that no command can swallow the rest.
 */
export const probeScript = `
mark=$1
say() { printf '%s %s=%s\\n' "$mark" "$1" "$(printf %s "$2" | tr '\\n\\r' '  ')"; }
probe() {
  say begun yes
  PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin; LC_ALL=C; export PATH LC_ALL
  say uid "$(id -u)"
  say user "$(id -un 2>/dev/null)"
  say kernel "$(uname -sr)"
  say arch "$(uname -m)"
  say shell "$SHELL"
  if [ -r /etc/os-release ]; then
    say os "$(. /etc/os-release; printf %s "$ID")"
    say version "$(. /etc/os-release; printf %s "$VERSION_ID")"
  else
    say os "$(uname -s)"
    say version "$(uname -r)"
  fi
  for place in "$XDG_RUNTIME_DIR" /dev/shm /tmp; do
    [ -n "$place" ] || continue
    if (umask 077; mkdir "$place/carl-doctor-$mark") 2>/dev/null; then
      rmdir "$place/carl-doctor-$mark"
      say scratch "$place"
      break
    fi
  done
  say home "$HOME"
  for place in "$HOME" /tmp; do
    say "disk" "$(df -Pk "$place" 2>/dev/null | tail -n 1) $place"
  done
  say groups "$(id -Gn 2>/dev/null)"
  say from "\${SSH_CONNECTION%% *}"
  say forced "\${SSH_ORIGINAL_COMMAND:+yes}"
  for file in .ssh/authorized_keys .ssh/authorized_keys2; do
    [ -r "$HOME/$file" ] && head -n 50 "$HOME/$file" | while IFS= read -r line; do say key "$line"; done
  done
  gate=/usr/local/lib/carl/$(id -un 2>/dev/null)/allowed
  [ -r "$gate" ] && head -n 60 "$gate" | while IFS= read -r line; do say allowed "$line"; done
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1; then
      rules=$(sudo -n -l 2>&1); say sudoListed "$?"
      say sudoSaid "$(printf '%s\\n' "$rules" | tail -n 5)"
      say sudoRules "$(printf '%s\\n' "$rules" | grep '^ *(')"
    else
      say sudoSaid 'sudo: not found'
    fi
  fi
  say done yes
}
probe "$@" </dev/null
exit
`

/** Reads the script from standard input; the words are ours, so nothing needs quoting in any login shell. */
export const probeCommand = (mark: string): string => `exec sh -s ${mark}`

/** The answer of a probe. All of it is what the node says, so it is data and nothing else. */
export interface Probe {
  /** Single values by name. */
  readonly facts: ReadonlyMap<string, string>
  /** Free space by place. */
  readonly disks: readonly Disk[]
  /** Lines of the user's authorized_keys, and of the list of its gate. */
  readonly keys: readonly string[]
  readonly allowed: readonly string[]
  /** Text on standard output that is not the answer: what login scripts print. */
  readonly noise: string
}

export interface Disk {
  readonly place: string
  readonly freeBytes: number
}

const longestValue = 400
/** Keys with their options, and rules of sudo. */
const longestLine = 4_000
const mostLines = 200

/** Takes an answer apart. Lines without the mark are noise, and values are made safe to show. */
export function parseProbe(text: string, mark: string): Probe {
  const facts = new Map<string, string>()
  const disks: Disk[] = []
  const lines: Record<'key' | 'allowed', string[]> = { key: [], allowed: [] }
  const noise: string[] = []
  for (const line of text.split('\n').slice(0, mostLines)) {
    // A login script may print without a line feed, right in front of the first answer.
    const at = line.indexOf(`${mark} `)
    const before = printable(at < 0 ? line : line.slice(0, at))
    if (before) noise.push(before)
    if (at < 0) continue
    const [, key, value] = /^(\w+)=(.*)$/.exec(line.slice(at + mark.length + 1)) ?? []
    if (!key || value === undefined) continue
    if (key === 'disk') disks.push(...parseDisk(value))
    else if (key === 'key' || key === 'allowed') lines[key].push(printable(value, longestLine))
    else if (!facts.has(key))
      facts.set(key, printable(value, key === 'sudoRules' ? longestLine : longestValue))
  }
  return { facts, disks, keys: lines.key, allowed: lines.allowed, noise: noise.join('\n') }
}

/** `FILESYSTEM BLOCKS USED FREE USED% MOUNT PLACE`, as POSIX has it; a file system may have spaces in its name. */
function parseDisk(line: string): Disk[] {
  const found = /\s(?<blocks>\d+)\s+(?<used>\d+)\s+(?<free>-?\d+)\s+\d+%\s+.*\s(?<place>\/\S*)\s*$/.exec(
    line,
  )?.groups
  if (!found?.place) return []
  // Kinds of file system that have no size of their own say zero blocks.
  if (Number(found.blocks) === 0) return []
  return [{ place: printable(found.place), freeBytes: Math.max(0, Number(found.free)) * 1024 }]
}

/** Without control and invisible characters, and no longer than a line of a message. */
export function printable(text: string, longest = longestValue): string {
  return text
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, longest)
}
