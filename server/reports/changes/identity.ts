/**
 * What makes an entry of a list the same entry in the next run, by list. Lists that are not named here try the
 * usual names in turn.
 */
const identities: Readonly<Record<string, readonly string[]>> = {
  disks: ['mount'],
  certs: ['where'],
  'ports.listeners': ['proto', 'addr', 'port'],
  'network.dns': ['server'],
  'network.ifaces': ['name'],
  'network.ping': ['target'],
  'updates.security_pkgs': ['name'],
  'updates.pkgs': ['name'],
  images: ['id'],
  // Made anew it has another id and is the same all the same.
  containers: ['name'],
  volumes: ['name'],
}

const usual = [
  ['id'],
  ['key'],
  ['mount'],
  ['unit'],
  ['where'],
  ['serial'],
  ['proto', 'port'],
  ['name'],
  ['device'],
  ['dev'],
  ['path'],
  ['target'],
  ['server'],
  ['user'],
  ['ip'],
  ['address'],
  ['ref'],
]

type Entry = Readonly<Record<string, unknown>>

/**
 * Names each entry of a list before and after by what it is rather than where it stands; null when no field tells
 * the entries apart.
 */
export function toNamed(
  path: readonly string[],
  before: readonly Entry[],
  after: readonly Entry[],
): { before: Map<string, Entry>; after: Map<string, Entry> } | null {
  const list = path.join('.')
  const own = Object.hasOwn(identities, list) ? identities[list] : undefined
  for (const fields of own ? [own, ...usual] : usual) {
    const named = { before: byName(before, fields), after: byName(after, fields) }
    if (named.before && named.after) return { before: named.before, after: named.after }
  }
  return null
}

function byName(entries: readonly Entry[], fields: readonly string[]): Map<string, Entry> | null {
  const named = new Map<string, Entry>()
  for (const entry of entries) {
    const parts = fields.map((field) => entry[field])
    if (!parts.every((part) => typeof part === 'string' || typeof part === 'number')) return null
    const name = parts.join('/')
    if (named.has(name)) return null
    named.set(name, entry)
  }
  return named
}
