import { randomBytes } from 'node:crypto'
import type { NodeId } from '../contract/ids.ts'
import { type Node, nodeCreate } from '../contract/nodes.ts'
import { createAudit } from '../server/audit/audit.ts'
import { newAuditKeys } from '../server/audit/keys.ts'
import { serverActor } from '../server/lib/actor.ts'
import { createEvents } from '../server/lib/events.ts'
import { createIds } from '../server/lib/id.ts'
import { createLogger } from '../server/lib/logger.ts'
import { createOccasions } from '../server/occasions/occasions.ts'
import { createNodes } from '../server/nodes/nodes.ts'
import { createNodeStore } from '../server/nodes/store.ts'
import { createTargets } from '../server/nodes/target.ts'
import { createSettings } from '../server/settings/settings.ts'
import { createDoctor, type Inspection } from '../server/ssh/doctor.ts'
import { createPool } from '../server/ssh/pool.ts'
import { createCredentials } from '../server/vault/credentials.ts'
import { createNodeKeys } from '../server/vault/node-keys.ts'
import { createMasterKey } from '../server/vault/master-key.ts'
import { createVault } from '../server/vault/vault.ts'
import { testDatabase } from './database.ts'
import { createFakeClock } from './fake-clock.ts'

export const anna = { ...serverActor, name: 'user:anna' }

/**
 * Everything up to the nodes, built of the real parts on a real database. Nothing leaves the machine: whoever dials
 * finds nobody, and the connection doctor sees what the test puts into `inspection`.
 */
export async function nodeFloor() {
  const clock = createFakeClock()
  const base = await testDatabase(clock)
  const { db } = base
  const logger = createLogger('silent')
  const events = createEvents(logger)
  const newId = createIds(clock)
  const audit = createAudit({ db, clock, keys: newAuditKeys() })
  const settings = await createSettings({ db, audit, events, clock, logger })
  const vault = createVault({ masterKey: createMasterKey(randomBytes(32), 'file'), db })
  const credentials = createCredentials({ db, vault, audit, events, clock, newId })
  const keys = createNodeKeys({ db, vault, credentials, clock, newId })
  const dial = () => Promise.reject(new Error('nobody is reached here'))
  const pool = createPool({
    dials: { builtin: dial, openssh: dial },
    allowedNetworks: () => settings.get().allowedNetworks,
    clock,
    logger,
  })
  const seen: { inspection: Inspection } = {
    inspection: { steps: [], offeredHostKey: null, connection: null },
  }
  const doctor = createDoctor({ inspect: () => Promise.resolve(seen.inspection), clock })
  const counts = new Map<NodeId, Node['findings']>()
  const store = createNodeStore(db)
  const targets = createTargets({ db, store, keys, settings, audit, events, clock, logger })
  const occasions = createOccasions({ clock, newId, events })
  const nodes = createNodes({
    db,
    store,
    targets,
    credentials,
    keys,
    pool,
    doctor,
    audit,
    occasions,
    events,
    clock,
    newId,
    findingCounts: () => Promise.resolve(counts),
  })

  return {
    db,
    clock,
    logger,
    events,
    audit,
    settings,
    credentials,
    pool,
    nodes,
    occasions,
    store,
    counts,
    seen,
    /** Adds a node of which only this is known. */
    addNode: (name: string, wanted: Record<string, unknown> = {}) =>
      nodes.create(
        nodeCreate.parse({ name, host: `${name}.example`, username: 'carl', allowedAgents: null, ...wanted }),
        anna,
      ),
    /** What the audit trail says was done, oldest first. */
    done: async () => (await audit.list({ limit: 200 })).items.map(({ action }) => action).reverse(),
    close: async () => {
      await pool.close()
      await base.close()
    },
  }
}
export type NodeFloor = Awaited<ReturnType<typeof nodeFloor>>
