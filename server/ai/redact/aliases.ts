import { isIP } from 'node:net'
import { wordSet } from './word-set.ts'

const kinds = ['HOST', 'USER', 'ADDR', 'DOMAIN'] as const
export type AliasKind = (typeof kinds)[number]

/** What a node is known to be called, and who has an account there. */
export interface KnownNames {
  readonly hosts: readonly string[]
  readonly users: readonly string[]
}

/** Names every machine has: they say nothing of this one. */
const everywhere = wordSet(`
  root nobody daemon localhost sshd www-data systemd admin user unknown invalid from for port password
  publickey the and is has was not of on in at to by with a an
`)
/** What ends a name of a file or unit, not of a domain. */
const fileEndings = wordSet(`
  service socket timer mount automount target slice scope path swap device conf cfg ini log sh py js
  ts json yaml yml toml txt xml db sqlite sock pid lock tmp bak gz xz zst tar zip deb rpm ko so crt
  pem key cert img iso qcow html css php go rs md exe bin
`)

const address6 =
  /(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4})(?:%\w{1,16})?(?![\w:])/gi
const address4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)/g
const hardware = /\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b/gi
const mail = /\b[\w.+-]{1,64}@[a-z0-9.-]{1,253}\b/gi
const domain = /(?<![\w@/-])(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.){1,10}([a-z]{2,24})(?![\w-])/gi
const home = /(\/(?:home|Users)\/)([^\s/"':,;)]{1,64})/g
const account =
  /(\b(?:user|users|account)[=: ]{1,2}"?|\b(?:login|uid|acct|ruser|logname)[=:] ?"?|\bfor (?:invalid user )?)([a-z_][\w.-]{0,31})/gi
const forged = /\b(?:HOST|USER|ADDR|DOMAIN)_\d+\b/g
const anyAlias = /\b(?:HOST|USER|ADDR|DOMAIN)_\d+\b/g

/**
 * Stands in for names of hosts, users, addresses and domains during one call: the same name is the same alias all
 * through, and comes back as itself in the answer. What only looks like an alias is taken out before.
 */
export function createAliases({ hosts, users }: KnownNames) {
  const byName = new Map<string, string>()
  const byAlias = new Map<string, string>()
  const counts = new Map<AliasKind, number>()

  function aliasOf(kind: AliasKind, name: string): string {
    const known = byName.get(name.toLowerCase())
    if (known) return known
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    const alias = `${kind}_${count}`
    byName.set(name.toLowerCase(), alias)
    byAlias.set(alias, name)
    return alias
  }

  const usable = (names: readonly string[]) =>
    [...new Set(names)].filter((name) => name.length >= 2 && !everywhere.has(name.toLowerCase()))
  const named = [
    ...usable(hosts).map((name) => ({ kind: 'HOST' as const, name })),
    ...usable(users).map((name) => ({ kind: 'USER' as const, name })),
  ].sort((a, b) => b.name.length - a.name.length)
  const kindOf = new Map(named.map(({ kind, name }) => [name.toLowerCase(), kind]))
  const anyName =
    named.length === 0
      ? null
      : new RegExp(
          `(?<![A-Za-z0-9_])(?:${named.map(({ name }) => escaped(name)).join('|')})(?![A-Za-z0-9_])`,
          'gi',
        )

  function hide(text: string): string {
    let hidden = text.replace(forged, 'label')
    hidden = hidden.replace(mail, (found) => aliasOf('USER', found))
    hidden = hidden.replace(hardware, (found) => aliasOf('ADDR', found))
    hidden = hidden.replace(address6, (found) =>
      isIP(found.split('%')[0] ?? '') === 6 && !isOfNobody(found) ? aliasOf('ADDR', found) : found,
    )
    hidden = hidden.replace(address4, (found) =>
      isIP(found) === 4 && !isOfNobody(found) ? aliasOf('ADDR', found) : found,
    )
    if (anyName) {
      hidden = hidden.replace(anyName, (found) => aliasOf(kindOf.get(found.toLowerCase()) ?? 'HOST', found))
    }
    hidden = hidden.replace(domain, (found, ending: string) =>
      fileEndings.has(ending.toLowerCase()) ? found : aliasOf('DOMAIN', found),
    )
    hidden = hidden.replace(home, (_, before: string, name: string) => before + ofUser(name))
    return hidden.replace(account, (_, before: string, name: string) => before + ofUser(name))
  }

  const ofUser = (name: string): string =>
    everywhere.has(name.toLowerCase()) || byAlias.has(name) ? name : aliasOf('USER', name)

  /** Puts the real names back; an alias that was never given stays as it is. */
  const reveal = (text: string): string => text.replace(anyAlias, (alias) => byAlias.get(alias) ?? alias)

  /** Aliases in a text that nobody was given. */
  const unknownIn = (text: string): string[] =>
    [...text.matchAll(anyAlias)].map(([alias]) => alias).filter((alias) => !byAlias.has(alias))

  return { hide, reveal, unknownIn, count: () => byAlias.size }
}
export type Aliases = ReturnType<typeof createAliases>

const isOfNobody = (address: string): boolean =>
  address.startsWith('127.') || ['0.0.0.0', '::', '::1', '255.255.255.255'].includes(address)

const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\-]/g, '\\$&')
