import { errors } from '../../../contract/errors.ts'

/** Every error by its code, grouped by what it is about. */
export function errorsPage(): string {
  const groups = Object.groupBy(Object.entries(errors), ([name]) => name.split('.')[0] ?? '')
  const sections = Object.entries(groups).map(([group, entries = []]) => {
    const items = entries.map(
      ([name, { status, title, fix }]) => `### \`${name}\`\n\n**${title}.** Status ${status}. ${fix}\n`,
    )
    return `## ${group}\n\n${items.join('\n')}`
  })
  return `# Every error

The same words stand in the API, on the command line and on the screens. The code never changes; search for it here. What
the API answers is described with [tokens and the API](../guide/tokens-and-api.md#errors).

${sections.join('\n')}`
}
