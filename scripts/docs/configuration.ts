import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { settings } from '../../contract/settings.ts'
import { environment } from '../../server/config.ts'
import { fileEnding } from '../../server/config-files.ts'
import { limitsOf, resolved, type Shape, shapeOf } from './shape.ts'
import { code, tableOf } from './table.ts'

/** Where the guides say more about a variable or a setting. */
const guides: Readonly<Record<string, string>> = {
  BASE_PATH: '[Behind a proxy](behind-a-proxy.md#below-a-path)',
  TRUSTED_PROXIES: '[Behind a proxy](behind-a-proxy.md)',
  TRUSTED_HEADER_USER:
    '[A proxy that has asked already](sign-in-with-your-provider.md#a-proxy-that-has-asked-already)',
  MASTER_KEY_FILE: '[Keys](master-key.md#choose-where-the-key-lies)',
  MASTER_KEY_PASSPHRASE: '[Keys](master-key.md#close-the-key-with-a-passphrase)',
  AUDIT_CHECKPOINT_FILE: '[Was the audit trail touched?](backup-and-keys.md)',
  CLAUDE_PROGRAM: '[Let Claude explain](let-claude-explain.md)',
  outgoing: '[What it talks to](what-it-talks-to.md#strict-mode)',
  registryLookups: '[Know what to update](know-what-to-update.md)',
  trashMaxGib: '[The trash](approve-changes.md#the-trash)',
  secondApproval: '[Approve changes](approve-changes.md#who-may)',
  secondFactorRequired: '[Sign in safely](sign-in-safely.md)',
  sshKeyRotationDays: '[Renew keys](renew-keys.md)',
}

/** What stands in the guide under a heading, made from the code. */
export function configurationTables(root: string): Readonly<Record<string, string>> {
  return { Environment: environmentTable(), Settings: settingsTable(root) }
}

function environmentTable(): string {
  const rows = Object.entries(environment.shape).map(([name, schema]) => {
    const value = defaultOf(schema)
    return [
      code(name),
      code(`${name}${fileEnding}`),
      printed(value),
      withGuide(schema.description ?? '', name),
    ]
  })
  return tableOf(['Variable', 'As a file', 'Default', 'What it does'], rows)
}

/** The sentence of a setting is its doc comment: what it means is said in one place. */
function settingsTable(root: string): string {
  const text = readFileSync(join(root, 'contract/settings.ts'), 'utf8')
  const top = shapeOf(settings)
  const { properties = {} } = resolved(top, top)
  const rows = Object.entries(settings.shape).map(([name, schema]) => {
    const { groups } = new RegExp(`/\\*\\*(?<words>(?:(?!\\*/)[^])*)\\*/\\s+${name}:`).exec(text) ?? {}
    const words = (groups?.['words'] ?? '').replace(/\s*\n\s*\*\s?/g, ' ').trim()
    if (words === '') throw new Error(`contract/settings.ts does not say what ${name} means`)
    const own: Shape = properties[name] ?? {}
    return [code(name), printed(defaultOf(schema)), withGuide(`${words} ${limitsOf(own)}`.trim(), name)]
  })
  return tableOf(['Setting', 'Default', 'What it does'], rows)
}

const withGuide = (words: string, name: string): string =>
  guides[name] === undefined ? words : `${words} ${guides[name]}`

/** What a schema says is there when nothing is given, before anything is made of it. */
function defaultOf(schema: { def: object }): unknown {
  if ('defaultValue' in schema.def) return schema.def.defaultValue
  return 'in' in schema.def ? defaultOf(schema.def.in as { def: object }) : undefined
}

function printed(value: unknown): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.map((part) => code(String(part))).join(', ')
  return code(typeof value === 'string' ? value : JSON.stringify(value))
}

/** Puts tables in the place of the first table under each of their headings; the rest of the text stays. */
export function withTables(text: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((now, [heading, table]) => {
    const pattern = new RegExp(`(^## ${heading}$(?:(?!^## )[^])*?\\n\\n)\\|[^]*?(?=\\n\\n|\\n*$(?![^]))`, 'm')
    if (!pattern.test(now)) throw new Error(`There is no table under ${heading}`)
    return now.replace(pattern, (_, before: string) => before + table)
  }, text)
}
