import type { AgentManifest } from '../../contract/agent-manifest.ts'
import type { ExecutionId, NodeId, RepositoryId } from '../../contract/ids.ts'
import {
  type Repository,
  type RepositoryCreate,
  type RepositorySecret,
  sealedKinds,
} from '../../contract/repositories.ts'
import type { Report } from '../../contract/reports.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { NewId } from '../lib/id.ts'
import type { SealedPlace, Vault } from '../vault/vault.ts'
import { chosenBy, keyOf, toLent } from './lending.ts'
import { parseSights } from './sights.ts'
import { createRepositoryStore, type SealedSecret } from './store.ts'

interface RepositoryTools {
  readonly db: Database
  readonly vault: Vault
  readonly audit: Pick<Audit, 'append'>
  readonly clock: Clock
  readonly newId: NewId
}

/** A run that may be lent secrets. */
interface Borrower {
  readonly executionId: ExecutionId
  readonly nodeId: NodeId
  readonly manifest: Pick<AgentManifest, 'id' | 'secrets'>
  readonly options: Readonly<Record<string, unknown>>
}

/** Of one node: a hostile one must not fill the list. */
const mostOfNode = 200

/** Knows the backup repositories of the nodes, keeps what opens them, and remembers when a restore was proved. */
export function createRepositories({ db, vault, audit, clock, newId }: RepositoryTools) {
  const store = createRepositoryStore(db)

  const list = (): Promise<Repository[]> => store.list()

  /** Throws `repository.exists`, `repository.too_many`, `repository.no_secret` and `node.not_found`. */
  async function create(wanted: RepositoryCreate, actor: Actor): Promise<Repository> {
    const { nodeId, kind, location, secret } = wanted
    if (secret && !sealedKinds.includes(kind)) throw fail('repository.no_secret')
    const id = newId('rep')
    await db.write(async (tx) => {
      if ((await store.countOf(tx, nodeId)) >= mostOfNode) throw fail('repository.too_many')
      const createdAt = clock.now().toISOString()
      await store.insert(tx, { id, nodeId, kind, location, createdAt }, secret && seal(id, secret))
      const detail = { repository: keyOf(wanted), hasSecret: secret !== null }
      await audit.append(tx, { actor, action: 'repository.created', target: nodeId, detail })
    })
    return get(id)
  }

  /** Stores what opens it, in the place of what did before. Throws `repository.not_found` and `repository.no_secret`. */
  async function setSecret(id: RepositoryId, secret: RepositorySecret, actor: Actor): Promise<Repository> {
    await db.write(async (tx) => {
      const before = await found(tx, id)
      if (!sealedKinds.includes(before.kind)) throw fail('repository.no_secret')
      const sealed = seal(id, secret)
      await store.setSecret(tx, id, sealed)
      const detail = {
        repository: keyOf(before),
        variables: sealed.variables,
        hadOne: before.secret !== null,
      }
      await audit.append(tx, { actor, action: 'repository.secret-set', target: before.nodeId, detail })
    })
    return get(id)
  }

  /** Throws `repository.not_found`; forgetting what is not kept changes nothing. */
  async function removeSecret(id: RepositoryId, actor: Actor): Promise<Repository> {
    await db.write(async (tx) => {
      const before = await found(tx, id)
      if (before.secret === null) return
      await store.setSecret(tx, id, null)
      const detail = { repository: keyOf(before) }
      await audit.append(tx, { actor, action: 'repository.secret-removed', target: before.nodeId, detail })
    })
    return get(id)
  }

  /** Throws `repository.not_found`. */
  async function remove(id: RepositoryId, actor: Actor): Promise<void> {
    await db.write(async (tx) => {
      const before = await found(tx, id)
      await store.remove(tx, id)
      const detail = { repository: keyOf(before), hadSecret: before.secret !== null }
      await audit.append(tx, { actor, action: 'repository.removed', target: before.nodeId, detail })
    })
  }

  /**
   * What opens the repositories that a run will look at, by the names that the agent knows them by; nothing for an agent
   * whose manifest asks for nothing. What is lent to whom is on record before it is opened. Throws `vault.damaged`.
   */
  async function lend(
    { executionId, nodeId, manifest, options }: Borrower,
    actor: Actor,
  ): Promise<Record<string, string>> {
    if (!manifest.secrets.includes('repository')) return {}
    const chosen = await db.write(async (tx) => {
      const places = chosenBy(options, await store.sealedOf(tx, nodeId))
      if (places.length === 0) return places
      const detail = { executionId, agent: manifest.id, repositories: places.map(keyOf) }
      await audit.append(tx, { actor, action: 'repository.secret-lent', target: nodeId, detail })
      return places
    })
    let lent: Record<string, string> = {}
    for (const { id, secret, ...place } of chosen) {
      const opened = JSON.parse(vault.open(secretOf(id), secret).reveal()) as RepositorySecret
      lent = { ...lent, ...toLent(keyOf(place), opened) }
    }
    return lent
  }

  /** Takes from a report what it says about repositories, in the transaction that keeps the report. */
  async function learn(tx: Tx, report: Report): Promise<void> {
    const { nodeId, createdAt } = report
    let room = mostOfNode - (await store.countOf(tx, nodeId))
    for (const sight of parseSights(report)) {
      let id = await store.findPlace(tx, nodeId, sight)
      if (id === undefined) {
        if (room <= 0) continue
        room -= 1
        id = newId('rep')
        await store.insert(tx, { id, nodeId, kind: sight.kind, location: sight.location, createdAt }, null)
      }
      await store.putSight(tx, id, sight, report)
    }
  }

  async function get(id: RepositoryId): Promise<Repository> {
    const repository = await store.find(id)
    if (!repository) throw fail('repository.not_found')
    return repository
  }

  async function found(tx: Tx, id: RepositoryId): Promise<Repository> {
    const repository = await store.find(id, tx)
    if (!repository) throw fail('repository.not_found')
    return repository
  }

  function seal(id: RepositoryId, { password, variables }: RepositorySecret): SealedSecret {
    return {
      secret: vault.seal(secretOf(id), JSON.stringify({ password, variables })),
      setAt: clock.now().toISOString(),
      variables: Object.keys(variables).sort(),
    }
  }

  return { list, create, setSecret, removeSecret, remove, lend, learn }
}
export type Repositories = ReturnType<typeof createRepositories>

const secretOf = (id: RepositoryId): SealedPlace => ({ table: 'repository', column: 'secret', id })
