import { networkInterfaces } from 'node:os'
import type { Enrolment, EnrolmentWish, NodeAccess } from '../../contract/access.ts'
import { isPlainFrom, isPlainUser } from '../../contract/enrolment-terms.ts'
import type { AgentId, NodeId } from '../../contract/ids.ts'
import { toSudoers } from '../../contract/sudoers.ts'
import type { Catalogue, CatalogueEntry } from '../agents/catalogue.ts'
import { fail } from '../lib/errors.ts'
import type { Nodes } from '../nodes/nodes.ts'
import { commentFor, parseAuthorizedKey } from '../ssh/authorized-keys.ts'
import type { AllowedBundle } from '../ssh/gate.ts'
import type { Credentials } from '../vault/credentials.ts'
import type { NodeKeys } from '../vault/node-keys.ts'
import { type BlockOrder, blockOf, removalOf } from './block.ts'
import { gradeOf } from './grade.ts'

interface AccessTools {
  readonly nodes: Nodes
  readonly credentials: Credentials
  readonly keys: NodeKeys
  readonly catalogue: Catalogue
}

/** What nodes let us do, and the block that lets us do exactly what is granted. */
export function createAccess({ nodes, credentials, keys, catalogue }: AccessTools) {
  /** Throws `node.not_found`. */
  async function get(id: NodeId): Promise<NodeAccess> {
    const node = await nodes.stored(id)
    const seen = await nodes.accessSeen(id)
    const credential = (await credentials.list()).find((one) => one.id === node.credentialId)
    const isGranted = (agent: AgentId) => node.allowedAgents === null || node.allowedAgents.includes(agent)
    const bundles = seen?.facts.isForced ? seen.facts.bundles : null
    const entries = catalogue.list()
    const agents = entries.map((entry) => ({
      agentId: entry.manifest.id,
      title: entry.manifest.title,
      isGranted: isGranted(entry.manifest.id),
      onNode: placeOn(bundles, entry),
    }))
    const shown = { facts: seen?.facts ?? null, seenAt: seen?.at ?? null, agents }
    if (!seen) return { ...shown, grade: null, reasons: [] }
    const granted = agents.filter((agent) => agent.isGranted)
    const expected = new Set(granted.map(({ agentId }) => agentId as string))
    return {
      ...shown,
      ...gradeOf(seen.facts, {
        isAll: node.allowedAgents === null,
        behind:
          bundles && !seen.facts.startsUs
            ? granted.map(({ title }) => title)
            : granted.flatMap(({ onNode, title }) =>
                onNode === 'other-version' || onNode === 'refused' ? [title] : [],
              ),
        beyond: (bundles ?? []).flatMap(({ name }) => (expected.has(idIn(name)) ? [] : [name])),
        hasSudoPassword: credential?.hasSudoPassword ?? false,
      }),
    }
  }

  /** Throws `credential.not_found`, `agent.not_found` and `enrolment.not_possible`. */
  async function enrol(wish: EnrolmentWish): Promise<Enrolment> {
    const credential = (await credentials.list()).find(({ id }) => id === wish.credentialId)
    if (!credential) throw fail('credential.not_found')
    const publicKeys = wish.nodeId
      ? await keys.toLetIn({ nodeId: wish.nodeId, credentialId: credential.id })
      : [credential.publicKey ?? []].flat()
    const letIn = publicKeys.flatMap((line) => {
      const key = parseAuthorizedKey(line)
      return key ? [{ type: key.type, blob: key.blob, comment: commentFor(credential.id) }] : []
    })
    if (letIn.length === 0) throw notPossible('A password opens this node; the block lets a key in.')
    if (!isPlainUser(wish.username)) throw notPossible(`${wish.username} is no plain user name.`)
    if (!isPlainFrom(wish.from)) throw notPossible(`${wish.from} is no list of addresses.`)
    const entries = wish.agents === null ? catalogue.list() : wish.agents.map((id) => catalogue.get(id))
    const isRoot = wish.username === 'root'
    const hasRules = wish.elevation === 'commands' && !isRoot
    const order: BlockOrder = {
      username: wish.username,
      keys: letIn,
      from: wish.from,
      isJump: wish.isJump,
      asRoot: wish.elevation === 'root' && !isRoot,
      sudoers: hasRules ? sudoersFor(entries, wish.username) : '',
      bundles: entries.map(bundleOf),
    }
    return {
      paste: blockOf(order),
      remove: removalOf(order),
      bundles: entries.map(({ manifest, payload }) => ({
        agentId: manifest.id,
        title: manifest.title,
        sha256: payload.sha256,
      })),
      sudo: hasRules ? eachOnce(entries) : [],
      ownAddresses: ownAddresses(),
    }
  }

  return { get, enrol }
}
export type Access = ReturnType<typeof createAccess>

const notPossible = (detail: string) => fail('enrolment.not_possible', { detail })

const bundleOf = ({ manifest, payload }: CatalogueEntry): AllowedBundle => ({
  sha256: payload.sha256,
  name: `${manifest.id} ${manifest.version}`,
})

/** The name of a bundle as `bundleOf` writes it, taken apart. */
const idIn = (name: string): string => name.split(' ')[0] ?? ''

function placeOn(
  bundles: readonly AllowedBundle[] | null,
  { manifest, payload }: CatalogueEntry,
): NodeAccess['agents'][number]['onNode'] {
  if (!bundles) return 'no-gate'
  if (bundles.some(({ sha256 }) => sha256 === payload.sha256)) return 'allowed'
  return bundles.some(({ name }) => idIn(name) === manifest.id) ? 'other-version' : 'refused'
}

const sudoersFor = (entries: readonly CatalogueEntry[], username: string): string =>
  entries
    .map(({ manifest }) => toSudoers(manifest.id, manifest.sudo, username))
    .filter(Boolean)
    .join('\n')

/** Several agents may ask for the same command. */
const eachOnce = (entries: readonly CatalogueEntry[]): Enrolment['sudo'] => [
  ...new Map(
    entries.flatMap(({ manifest }) => manifest.sudo).map((one) => [one.argv.join(' '), one]),
  ).values(),
]

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ address }) => address)
