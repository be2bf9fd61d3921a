/** Longest piece of text without a line end that is kept together, characters. */
const longestLine = 262_144

/** Cuts a stream of text into lines; what comes after the last line end waits for more. */
export function createLines() {
  let waiting = ''

  function push(text: string): string[] {
    const parts = (waiting + text).split('\n')
    waiting = parts.pop() ?? ''
    const lines = parts.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
    while (waiting.length > longestLine) {
      lines.push(waiting.slice(0, longestLine))
      waiting = waiting.slice(longestLine)
    }
    return lines
  }

  /** What is left when the stream ends. */
  function rest(): string[] {
    const last = waiting
    waiting = ''
    return last === '' ? [] : [last]
  }

  return { push, rest }
}
