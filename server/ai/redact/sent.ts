import type { Report } from '../../../contract/reports.ts'
import { type AllowedFacts, allowedOf, isPlainName } from './allowed.ts'
import { type Aliases, createAliases, type KnownNames } from './aliases.ts'
import { looksSecret } from './secrets.ts'
import { toTemplates } from './templates.ts'

/** Raised when other things of the same report are sent than before. */
export const redactionVersion = 1

/** What a claim may rest on: something of this run, by the short name it was sent under. */
export interface SentItem {
  readonly id: string
  readonly kind: 'finding' | 'change' | 'gap' | 'fact'
  /** Key of the finding, path of the change or fact, name of the gap: by its real name. */
  readonly ref: string
  /** How people know it, by its real name. */
  readonly label: string
  /** Exactly what was sent of it. */
  readonly sent: unknown
}

/** What of a report goes to a model, and how to read what comes back. */
export interface Sent {
  readonly untrusted: Record<string, unknown>
  readonly items: ReadonlyMap<string, SentItem>
  readonly aliases: Aliases
  /** Texts that were kept back because they may hold a secret. */
  readonly withheld: number
}

/** The longest there is of each, so that a hostile report cannot make a call dear. */
const most = {
  lines: 1_000,
  findings: 40,
  changes: 40,
  gaps: 20,
  facts: 120,
  texts: 20,
  chars: 240,
  depth: 3,
  signs: 24_000,
}

/** Stands for a text that may hold a secret. */
export const withheldMark = '[withheld]'

/**
 * What is sent of a report: typed fields that are allowed by name, texts without secrets, names as aliases, logs as
 * templates with counts. Every item has a short name that an answer can refer to.
 */
export function toSent(report: Report, { sendsRawLogs = false } = {}): Sent {
  const aliases = createAliases(namesIn(report))
  const items = new Map<string, SentItem>()
  let withheld = 0
  let room = most.signs

  function words(text: string, chars: number = most.chars): string {
    // Far more than is kept, so that a secret at the border is still seen whole.
    const seen = plain(text.slice(0, chars * 4))
    if (looksSecret(seen)) {
      withheld++
      return withheldMark
    }
    return aliases.hide(seen).slice(0, chars)
  }

  function log(lines: readonly unknown[]): unknown {
    const texts = lines.filter((line) => typeof line === 'string').slice(-most.lines)
    const split = splitSecrets(texts)
    const safe = texts.flatMap((line, index) => {
      const seen = split.has(index) ? withheldMark : words(line, 400)
      return seen === withheldMark ? [] : [seen]
    })
    withheld += split.size
    return sendsRawLogs ? safe.slice(-most.texts) : toTemplates(safe)
  }

  function value(what: unknown, mayText: (name: string) => boolean, name = '', depth = 0): unknown {
    if (typeof what === 'number' || typeof what === 'boolean' || what === null) return what
    if (typeof what === 'string') return mayText(name) ? words(what) : undefined
    if (Array.isArray(what)) {
      if (isLog(name)) return log(what)
      return what.slice(0, most.texts).flatMap((one) => value(one, mayText, name, depth + 1) ?? [])
    }
    if (typeof what !== 'object' || depth >= most.depth) return undefined
    const fields = Object.entries(what).flatMap(([field, inner]) => {
      if (!isPlainName(field)) return []
      const kept = value(inner, mayText, field, depth + 1)
      return kept === undefined ? [] : [[field, kept] as const]
    })
    return fields.length === 0 ? undefined : Object.fromEntries(fields)
  }

  /** Takes an item in as long as there is room; what comes first matters most. */
  function add(item: SentItem): Record<string, unknown>[] {
    const entry = { id: item.id, ...(item.sent as object) }
    room -= JSON.stringify(entry).length
    if (room < 0) return []
    items.set(item.id, item)
    return [entry]
  }

  const findings = report.findings.slice(0, most.findings).flatMap((finding, index) =>
    add({
      id: `F${index + 1}`,
      kind: 'finding',
      ref: finding.key,
      label: finding.title,
      sent: {
        rule: words(finding.rule, 100),
        severity: finding.severity,
        state: finding.state,
        confidence: finding.confidence,
        subject: words(finding.subject),
        title: words(finding.title),
        evidence: value(finding.evidence, () => true) ?? {},
      },
    }),
  )
  const changes = (report.changes ?? []).slice(0, most.changes).flatMap((change, index) =>
    add({
      id: `C${index + 1}`,
      kind: 'change',
      ref: change.path,
      label: change.text,
      sent: { kind: change.kind, text: words(change.text) },
    }),
  )
  const gaps = report.gaps.slice(0, most.gaps).flatMap((gap, index) =>
    add({
      id: `G${index + 1}`,
      kind: 'gap',
      ref: gap.what,
      label: gap.what,
      sent: { what: words(gap.what), why: words(gap.why) },
    }),
  )
  const allowed = allowedOf(report.schema)
  const facts = factsOf(report.facts, allowed)
    .slice(0, most.facts)
    .flatMap(({ path, label, what }, index) => {
      const sent = value(what, (name) => allowed.texts.has(name), path.split('.').at(-1) ?? '')
      if (sent === undefined) return []
      const id = `D${index + 1}`
      return add({ id, kind: 'fact', ref: path, label, sent: { section: path.split('.')[0], value: sent } })
    })

  return {
    untrusted: { agent: report.agentId, findings, changes, gaps, facts },
    items,
    aliases,
    withheld,
  }
}

interface Fact {
  readonly path: string
  readonly label: string
  readonly what: unknown
}

/** The allowed sections in pieces: each item of a list, each group of a section. */
function factsOf(facts: Report['facts'], { sections }: AllowedFacts): Fact[] {
  return Object.entries(facts).flatMap(([section, what]): Fact[] => {
    if (!sections.has(section)) return []
    if (Array.isArray(what)) {
      return what.map((one: unknown, index) => ({
        path: `${section}.${index}`,
        label: `${section}: ${nameOf(one) ?? index + 1}`,
        what: one,
      }))
    }
    if (typeof what !== 'object' || what === null) return [{ path: section, label: section, what }]
    const groups = Object.entries(what).filter(([, inner]) => typeof inner === 'object' && inner !== null)
    const plainFields = Object.entries(what).filter(
      ([, inner]) => typeof inner !== 'object' || inner === null,
    )
    return [
      ...(plainFields.length === 0
        ? []
        : [{ path: section, label: section, what: Object.fromEntries(plainFields) }]),
      ...groups
        .filter(([name]) => isPlainName(name))
        .map(([name, inner]) => ({ path: `${section}.${name}`, label: `${section}: ${name}`, what: inner })),
    ]
  })
}

function nameOf(one: unknown): string | null {
  if (typeof one !== 'object' || one === null) return null
  const { mount, name, label, unit } = one as Record<string, unknown>
  const found = [mount, name, label, unit].find((value) => typeof value === 'string')
  return typeof found === 'string' ? found.slice(0, 80) : null
}

const isLog = (name: string): boolean => /^(?:tail|lines?|log|logs|journal|messages|output)$/.test(name)

/** Lines that are a secret only together: the word for it on one, the value on the next ones. */
function splitSecrets(lines: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>()
  const seen = lines.map((line) => plain(line.slice(0, most.chars)))
  const isSecret = seen.map(looksSecret)
  for (let last = 1; last < lines.length; last++) {
    const first = Math.max(0, last - 2)
    if (isSecret.slice(first, last + 1).includes(true)) continue
    if (!looksSecret(seen.slice(first, last + 1).join(' '))) continue
    for (let index = first; index <= last; index++) found.add(index)
  }
  return found
}

/** What a terminal or a reader would not show as what it is. */
const plain = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b[@-_]/g, '')
    // What has no width would hide a word from the filter.
    .replace(/\p{Cf}+/gu, '')
    .replace(/[\p{Cc}\p{Co}\p{Cs}]+/gu, ' ')

/** Names of this machine and its people, as far as the report tells. */
function namesIn({ nodeName, facts }: Report): KnownNames {
  const { host, keys, uid0, auth } = facts as Record<string, unknown>
  const hosts = [nodeName]
  if (typeof host === 'object' && host !== null) {
    const { hostname, name, fqdn } = host as Record<string, unknown>
    for (const one of [hostname, name, fqdn]) if (typeof one === 'string') hosts.push(one)
  }
  const users: string[] = []
  const gather = (what: unknown, depth = 0): void => {
    if (depth > 4 || users.length > 200) return
    if (Array.isArray(what)) for (const one of what.slice(0, 200)) gather(one, depth + 1)
    else if (typeof what === 'object' && what !== null) {
      for (const [field, inner] of Object.entries(what)) {
        if (/^(?:user|users|account|login|owner|name)$/.test(field)) addUsers(inner)
        gather(inner, depth + 1)
      }
    }
  }
  const addUsers = (what: unknown): void => {
    for (const one of Array.isArray(what) ? what.slice(0, 200) : [what]) {
      if (typeof one === 'string' && /^[a-z_][\w.-]{0,31}$/i.test(one)) users.push(one)
    }
  }
  addUsers(uid0)
  for (const part of [keys, auth]) gather(part)
  return { hosts, users }
}
