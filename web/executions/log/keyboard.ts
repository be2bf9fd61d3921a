/** What the keyboard can ask of the log. */
export type Command =
  | 'lineUp'
  | 'lineDown'
  | 'pageUp'
  | 'pageDown'
  | 'toStart'
  | 'toEnd'
  | 'follow'
  | 'wrap'
  | 'search'
  | 'nextHit'
  | 'previousHit'
  | 'extendUp'
  | 'extendDown'
  | 'mark'
  | 'copy'
  | 'leave'

interface Press {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

const plain: Readonly<Record<string, Command>> = {
  ArrowUp: 'lineUp',
  ArrowDown: 'lineDown',
  PageUp: 'pageUp',
  PageDown: 'pageDown',
  Home: 'toStart',
  End: 'toEnd',
  f: 'follow',
  w: 'wrap',
  '/': 'search',
  n: 'nextHit',
  N: 'previousHit',
  m: 'mark',
  Escape: 'leave',
}

/**
 * What a key means in the log; null for keys that are not ours. While somebody types into the search, only those
 * that write nothing are.
 */
export function toCommand(
  { key, ctrlKey, metaKey, altKey, shiftKey }: Press,
  isTyping: boolean,
): Command | null {
  if (altKey) return null
  if (ctrlKey || metaKey) {
    if (key.toLowerCase() === 'f') return isTyping ? null : 'search'
    if (key.toLowerCase() === 'c') return isTyping ? null : 'copy'
    return null
  }
  if (isTyping) {
    if (key === 'Enter') return shiftKey ? 'previousHit' : 'nextHit'
    return key === 'Escape' ? 'leave' : null
  }
  if (shiftKey && key === 'ArrowUp') return 'extendUp'
  if (shiftKey && key === 'ArrowDown') return 'extendDown'
  // A shifted letter is another one; shift itself is pressed for “/” on some keyboards.
  return plain[key] ?? null
}
