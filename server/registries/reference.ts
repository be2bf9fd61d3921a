/** An image as a node names it, and where its registry keeps it. */
export interface Reference {
  /** As the node says it, e.g. `nginx:1.27`. */
  readonly name: string
  /** Where the registry listens, with its port where that is not the usual one. */
  readonly host: string
  /** e.g. `library/nginx`. */
  readonly path: string
  readonly tag: string
}

/** Where names without a host lead; its own name for itself is another one. */
const hub = {
  host: 'registry-1.docker.io',
  knownAs: ['docker.io', 'index.docker.io', 'registry-1.docker.io'],
}

/** By the grammar of image names; whatever else a node says names nothing that could be asked for. */
const grammar =
  /^(?:(?<host>(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z0-9](?::\d{1,5})?|[a-z0-9-]+:\d{1,5}|localhost|\[[0-9a-f:]+\](?::\d{1,5})?)\/)?(?<path>[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?::(?<tag>\w[\w.-]{0,127}))?$/i
const longest = 255

/** Reads the name of an image. Null for what is none, and for what a digest pins already. */
export function parseReference(name: string): Reference | null {
  if (name.length > longest) return null
  const parts = grammar.exec(name)?.groups
  const path = parts?.['path']
  // Only hosts may have capitals.
  if (!parts || path === undefined || path !== path.toLowerCase()) return null
  const host = parts['host']?.toLowerCase()
  const tag = parts['tag'] ?? 'latest'
  if (host !== undefined && !hub.knownAs.includes(host)) return { name, host, path, tag }
  return { name, host: hub.host, path: path.includes('/') ? path : `library/${path}`, tag }
}

/** The same for every node that means the same, however it writes it. */
export const keyOf = ({ host, path, tag }: Reference): string => `${host}/${path}:${tag}`
export const repositoryOf = ({ host, path }: Reference): string => `${host}/${path}`
