import type { Endpoint } from '../../contract/endpoint.ts'

/** Tells a wrong method from a wrong path: the methods that some endpoint takes at this path, none if none does. */
export function createKnownPaths(prefix: string, endpoints: readonly Endpoint[]) {
  const known = endpoints.map(({ method, path }) => ({ method, pattern: toPattern(`${prefix}${path}`) }))
  return (path: string): string[] => [
    ...new Set(known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)),
  ]
}

function toPattern(path: string): RegExp {
  const parts = path
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
  return new RegExp(`^${parts.join('/')}$`)
}
