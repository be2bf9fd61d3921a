import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The glossary, out of the description of the contract. */
export function wordsPage(root: string): string {
  const text = readFileSync(join(root, 'contract/README.md'), 'utf8')
  const { groups } = /^## Glossary[^\n]*\n+(?<words>(?:(?!^## )[^])*)/m.exec(text) ?? {}
  if (!groups?.['words']) throw new Error('contract/README.md has no glossary')
  return `# Words\n\nOne word per thing. ${groups['words']}`
}
