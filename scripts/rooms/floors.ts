/**
 * The floors of `server/`, low to high: a folder or a file by its first word (`http.ts`, `http-static.ts` and `http/`
 * are all `http`). A floor may import itself and what stands above it in this list.
 *
 * `audit` is below `settings`, since a change of a setting is recorded in the transaction that makes it;
 * `notices` is down there too, since every feature may have something that people must hear of, and so is
 * `occasions`, for what triggers wait for.
 */
export const floors = [
  'version',
  'lib',
  'db',
  'audit',
  'notices',
  'occasions',
  'settings',
  'outgoing',
  'auth',
  'vault',
  'ssh',
  'costs',
  'ai',
  'nodes',
  'agents',
  'access',
  'reports',
  'plans',
  'repositories',
  'registries',
  'executions',
  'approvals',
  'triggers',
  'schedules',
  'story',
  'search',
  'samples',
  'steps',
  'glance',
  'notifications',
  'backups',
  'configuration',
  'http',
  'live',
  'config',
  'house',
  'demo',
  'cli',
  'main',
] as const

/**
 * The floors of `web/`, low to high. `messages/` is the text of all of them and lies with `lib/`. Files beside the
 * folders (`main.tsx`, `router.tsx`) stand on top. The worker runs by itself, and nobody imports it.
 */
export const webFloors = [
  'worker',
  'lib',
  'ui',
  'account',
  'agents',
  'nodes',
  'costs',
  'plans',
  'executions',
  'node',
  'findings',
  'backups',
  'schedules',
  'settings',
  'audit',
  'compare',
  'search',
  'setup',
  'dashboard',
  'palette',
  'shell',
] as const

/** Builds every part once, stores included; so it alone may take them all. */
export const compositionRoot = 'server/house.ts'

/** Libraries that only some places may know. Everything else talks to those places. */
export const owners: Readonly<
  Record<string, { readonly places: readonly RegExp[]; readonly instead: string }>
> = {
  ssh2: {
    // The vault reads key files with it; it opens no connection.
    places: [/^server\/ssh\//, /^server\/demo\//, /^server\/vault\/read-key/, /^testbed\//],
    instead: 'speak to server/ssh/transport.ts',
  },
  fastify: { places: [/^server\/http/], instead: 'write a handler as server/lib/routes.ts describes it' },
  '@fastify': { places: [/^server\/http/], instead: 'write a handler as server/lib/routes.ts describes it' },
  ws: {
    places: [/^server\/live/, /^testbed\//, /^bench\//],
    instead: 'emit an event from contract/events.ts',
  },
  undici: { places: [/^server\/outgoing\//], instead: 'send it by server/outgoing/outgoing.ts' },
  nodemailer: { places: [/^server\/outgoing\//, /^testbed\//], instead: 'send it by server/outgoing/' },
  'mqtt-packet': { places: [/^server\/outgoing\//, /^testbed\//], instead: 'send it by server/outgoing/' },
  'better-sqlite3': { places: [/^server\/db\//, /^testbed\//], instead: 'use server/db/database.ts' },
}

const wayOut = 'send it by server/outgoing/outgoing.ts'
/** Nodes are reached by these, and addresses judged. */
const sockets = [/^server\/ssh\//, /^server\/outgoing\//, /^server\/demo\//, /^server\/http/]

/** What those parts have that reaches nobody. */
export const harmless: ReadonlySet<string> = new Set([
  'isIP',
  'isIPv4',
  'isIPv6',
  'BlockList',
  'SocketAddress',
  'IncomingMessage',
  'IncomingHttpHeaders',
])

/** Parts of Node that reach other machines, and the places of `server/` that may. */
export const builtinOwners: typeof owners = {
  // Imported as a module it also makes all that Node has beside `fetch`, 14 MB; the web framework has it without that.
  'node:http': { places: [], instead: `import its types alone, or ${wayOut}` },
  'node:https': { places: [], instead: wayOut },
  'node:http2': { places: [], instead: wayOut },
  'node:net': { places: sockets, instead: wayOut },
  'node:tls': { places: sockets, instead: wayOut },
  'node:dgram': { places: [], instead: wayOut },
  'node:dns': { places: sockets, instead: wayOut },
  'node:dns/promises': { places: sockets, instead: wayOut },
}
