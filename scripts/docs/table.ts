/** A table of Markdown, its columns as wide as their longest cell. */
export function tableOf(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows].map((row) => row.map(inCell))
  const widths = header.map((_, at) => Math.max(3, ...all.map((row) => [...(row[at] ?? '')].length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - [...cell].length)).join(' | ')} |`
  const [first = [], ...others] = all
  return [
    line(first),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...others.map(line),
  ].join('\n')
}

/** What would end a cell or a line does not. */
const inCell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replace(/\s*\n\s*/g, ' ')
    .trim()

/** Words in the type of a machine. */
export const code = (text: string): string => `\`${text}\``

/** `a`, `b` or `c`. */
export function listed(words: readonly string[], last = 'or'): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
}
