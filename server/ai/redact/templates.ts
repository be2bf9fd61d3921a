/** A line of a log with what changes from line to line masked, and how often it came. */
export interface LogTemplate {
  readonly template: string
  readonly count: number
}

/** What is looked at and kept of a log. */
const most = { lines: 1_000, templates: 20, chars: 200 }

/** The moment and the machine that a line of syslog or a journal begins with. */
const head =
  /^(?:<\d+>)?(?:[A-Z][a-z]{2}\s+\d{1,2}\s\d\d:\d\d:\d\d(?:\.\d+)?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*)\s+(?:[\w.-]+\s+(?=[\w./@()-]+(?:\[\d+\])?:))?/

const masks: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?\S*)?/g, '<time>'],
  [/\b\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?\b/g, '<time>'],
  [/\b0x[0-9a-f]+\b/gi, '<hex>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, '<hex>'],
  [/(["'`])(?:(?!\1).){1,300}\1/g, '<text>'],
  [/(?<![A-Za-z_<\d.,])[-+]?\d+(?:[.,]\d+)*/g, '<n>'],
]

/** Masks what is particular to one line. Aliases stay: who it was may matter. */
export const toTemplate = (line: string): string => {
  const body = line.replace(head, '').trim()
  return masks.reduce((text, [what, mask]) => text.replace(what, mask), body).slice(0, most.chars)
}

/** The templates of a log, most frequent first. */
export function toTemplates(lines: readonly string[]): LogTemplate[] {
  const counts = new Map<string, number>()
  for (const line of lines.slice(-most.lines)) {
    const template = toTemplate(line)
    if (template !== '') counts.set(template, (counts.get(template) ?? 0) + 1)
  }
  return [...counts]
    .map(([template, count]) => ({ template, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, most.templates)
}
