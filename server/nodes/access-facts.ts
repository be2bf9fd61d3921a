import type { AccessFacts } from '../../contract/access.ts'
import { parseAuthorizedKey } from '../ssh/authorized-keys.ts'
import { readAllowList } from '../ssh/gate.ts'
import type { Probe } from '../ssh/probe.ts'

/** Groups whose members can become root without being asked. */
const asGoodAsRoot = new Set(['docker', 'lxd', 'incus-admin', 'libvirt', 'disk', 'shadow'])
/** Groups that sudo trusts on most systems, for the password of the user. */
const trustedBySudo = new Set(['sudo', 'wheel', 'admin'])

/** How we log in, as far as it is known here. */
export interface LoginKnown {
  readonly kind: AccessFacts['login']
  /** The line of our key; null for a password. */
  readonly publicKey: string | null
}

/** What the answers of a node say about what it lets us do. Lines of other keys are passed over. */
export function accessFactsOf({ facts, keys, allowed }: Probe, { kind, publicKey }: LoginKnown): AccessFacts {
  const groups = (facts.get('groups') ?? '').split(' ').filter(Boolean)
  const rules = (facts.get('sudoRules') ?? '').split(/\s(?=\()/).flatMap((rule) => rule.trim() || [])
  const blob = publicKey?.trim().split(/\s+/)[1]
  const line = keys.map(parseAuthorizedKey).find((key) => blob !== undefined && key?.blob === blob)
  const isForced = facts.get('forced') === 'yes'
  const gate = isForced && allowed.length > 0 ? readAllowList(allowed) : null
  return {
    user: facts.get('user') ?? '',
    isRoot: facts.get('uid') === '0',
    login: kind,
    rootGroups: groups.filter((group) => asGoodAsRoot.has(group)),
    sudo: sudoOf(rules, groups),
    sudoRules: rules,
    isForced,
    keyOptions: line?.options.map(({ name, value }) => ({ name, value })) ?? null,
    bundles: gate?.bundles.map(({ sha256, name }) => ({ sha256, name })) ?? null,
    startsUs: gate?.startsUs ?? false,
    seenFrom: facts.get('from') || null,
  }
}

/** sudo tells its rules only where one of them needs no password; else the groups have to do. */
function sudoOf(rules: readonly string[], groups: readonly string[]): AccessFacts['sudo'] {
  const isFree = (rule: string) => rule.includes('NOPASSWD:')
  const isAll = (rule: string) => /[:)\s]ALL(,|$)/.test(rule.replace(/^\([^)]*\)/, ''))
  if (rules.some((rule) => isFree(rule) && isAll(rule))) return 'all'
  if (rules.some((rule) => !isFree(rule) && isAll(rule))) return 'password'
  if (rules.some(isFree)) return 'commands'
  return groups.some((group) => trustedBySudo.has(group)) ? 'password' : 'none'
}
