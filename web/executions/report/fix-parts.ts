/** A piece of advice: words to read, or a command to copy. */
export interface FixPart {
  readonly kind: 'words' | 'command'
  readonly text: string
}

const programs =
  'systemctl|journalctl|timedatectl|chronyc|docker|smartctl|sensors|pidstat|iotop|ss|ip|apt-get|dnf|apk|zypper|pacman|mdadm|zpool|zfs|lvs|btrfs|certbot|mount|umount|fsck|dmesg|ethtool|rc-service|find|du|df'

/** Where a command begins: at `sudo`, wherever it stands, or at a program right after a colon or semicolon. */
const begins = new RegExp(String.raw`(?<=^|[\s:;])(?:sudo (?=\S)|(?<=[:;] )(?:${programs}) (?=[\w-]))`, 'g')
/** Where it ends: with the sentence, at a semicolon, before words that go on talking. */
const ends = /\.(?=\s|$)|;(?=\s|$)|,? (?:and then|and read|and see|or|then) |, (?=\w+ )|\s\((?=\w)/

/**
 * Takes advice apart, so that each command stands by itself to be read and copied. It is a reading aid: what is not
 * recognised stays among the words, and nothing is left out but the punctuation around a command.
 */
export function partsOfFix(fix: string): FixPart[] {
  // Who wrote the advice may have said it already, as in Markdown.
  if (!fix.includes('`')) return partsOfWords(fix)
  return fix
    .split('`')
    .flatMap((text, place): FixPart[] =>
      place % 2 === 1 && text.trim() !== '' ? [{ kind: 'command', text: text.trim() }] : partsOfWords(text),
    )
}

function partsOfWords(fix: string): FixPart[] {
  const parts: FixPart[] = []
  const words = (text: string) => {
    const trimmed = text.replace(/^[\s.;,]+/, '').trim()
    if (trimmed !== '' && /[\p{L}\p{N}]/u.test(trimmed)) parts.push({ kind: 'words', text: trimmed })
  }
  let from = 0
  for (const { index } of fix.matchAll(begins)) {
    // Inside of the command before, or in a remark in brackets: there it reads better in its place.
    if (index < from || isInBrackets(fix, index)) continue
    const rest = fix.slice(index)
    const length = endOf(rest)
    words(fix.slice(from, index))
    parts.push({ kind: 'command', text: rest.slice(0, length).trim() })
    from = index + length
  }
  words(fix.slice(from))
  return parts
}

/** A full stop or comma within quotes belongs to the command. */
function endOf(text: string): number {
  const plain = text.replace(/'[^']*'|"[^"]*"/g, (quoted) => '_'.repeat(quoted.length))
  return ends.exec(plain)?.index ?? text.length
}

const isInBrackets = (text: string, index: number): boolean =>
  text.lastIndexOf('(', index) > text.lastIndexOf(')', index)
