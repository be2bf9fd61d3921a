import type { Severity } from '../../contract/agent-protocol.ts'

/** What the dashboard shows at once; the lists behind its links show the rest. */
export const shown = { tiles: 24, pairs: 10, needs: 6, strip: 12 } as const

/** Executions that strips and last results are made of. */
export const recentFilter = { limit: 200 }
export const tilesFilter = { limit: shown.tiles }
export const inNeedFilter = (health: 'blocked' | 'unreachable') => ({ health, limit: shown.needs })
export const findingsFilter = (severity: Severity) => ({ severity, limit: 50 })
