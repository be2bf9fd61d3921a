/** Who gives tokens for a registry, and what for. */
export interface Challenge {
  readonly realm: URL
  readonly service: string | null
}

/**
 * Reads `Bearer realm="https://…",service="…"`. Null for every other way to sign in. A token is asked for where nobody can
 * listen: over https, or with the registry itself where that speaks http.
 */
export function parseChallenge(header: string | null, registry: URL): Challenge | null {
  if (header === null || header.length > 4_096 || !/^bearer\s/i.test(header)) return null
  const told = new Map(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  )
  const realm = URL.parse(told.get('realm') ?? '')
  if (!realm || (realm.protocol !== 'https:' && realm.origin !== registry.origin)) return null
  return { realm, service: told.get('service') ?? null }
}

/** Where to ask for a token that lets whoever has it read one repository. */
export function toTokenUrl({ realm, service }: Challenge, path: string): URL {
  const url = new URL(realm)
  if (service !== null) url.searchParams.set('service', service)
  url.searchParams.set('scope', `repository:${path}:pull`)
  return url
}

/** Visible ASCII, so that it fits into a header and can be nothing else there. */
const tokenGrammar = /^[\x21-\x7e]{1,16384}$/

/** The token in what was answered; null where there is none that could be sent on. */
export function readToken(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null) return null
  const { token, access_token } = answer as Record<string, unknown>
  const found = token ?? access_token
  return typeof found === 'string' && tokenGrammar.test(found) ? found : null
}
