import { toOneLine } from '../lib/printable.ts'

/**
 * Makes text that a node may have said safe to put into a message: one line, nothing that acts or hides, and nothing
 * that a program turns into a link by itself. Links of ours are put beside it, never into it.
 */
export function toPlain(text: string, max = 300): string {
  return withoutLinks(toOneLine(text, max))
}

/** The same for a few lines; `more` says that there are others. */
export function toPlainLines(
  text: string,
  more: (lines: number) => string,
  { most = 40, max = 300 } = {},
): string[] {
  const lines = text.slice(0, 20_000).split('\n')
  const shown = lines.slice(0, most).map((line) => toPlain(line, max))
  return lines.length > most ? [...shown, more(lines.length - most)] : shown
}

/** `https://evil.example` becomes `https[:]//evil.example`: still to be read, no longer to be clicked. */
function withoutLinks(text: string): string {
  return text
    .replace(/:\/\//g, '[:]//')
    .replace(/\bwww\./gi, (found) => `${found.slice(0, 3)}[.]`)
    .replace(/\b(mailto|tel|tg|javascript|data):(?=\S)/gi, '$1[:]')
}
