import * as z from 'zod'
import { type CredentialCreate, credentialCreate } from '../../../contract/credentials.ts'
import { nodeCreate } from '../../../contract/nodes.ts'
import {
  isLocation,
  type RepositorySecret,
  repositoryCreate,
  repositoryKinds,
  repositoryVariables,
  sealedKinds,
} from '../../../contract/repositories.ts'
import { fail } from '../../lib/errors.ts'
import type { Nodes } from '../../nodes/nodes.ts'
import type { Repositories } from '../../repositories/repositories.ts'
import type { Credentials } from '../../vault/credentials.ts'
import { asKind, type Work } from '../kind.ts'
import type { Names } from '../names.ts'
import { asForm, needLent } from '../secrets.ts'

/** Machines, what opens them, and the backups on them. */

const credentialShape = z.strictObject({
  name: z.string().trim().min(1).max(100),
  type: z.enum(['key', 'password']),
  /** Whether a password for sudo is stored with it. */
  sudoPassword: z.boolean().default(false),
})
type CredentialSaid = z.infer<typeof credentialShape>

/** A credential is a reference: the secret has to be here, or to come along. */
export const credentialKind = (credentials: Credentials) => {
  const secretOf = ({ name, type }: CredentialSaid) =>
    `credential/${name}/${type === 'key' ? 'privateKey' : 'password'}`

  function wantedOf(said: CredentialSaid, work: Work): CredentialCreate {
    const { name, type } = said
    const secret = needLent(work, secretOf(said))
    const sudoPassword = said.sudoPassword ? needLent(work, `credential/${name}/sudoPassword`) : null
    const wanted =
      type === 'key'
        ? { kind: 'key', name, privateKey: secret, sudoPassword }
        : { kind: 'password', name, password: secret, sudoPassword }
    return asForm(credentialCreate, wanted, secretOf(said))
  }

  return asKind<CredentialSaid>({
    kind: 'credential',
    permission: 'credential.write',
    stepUp: true,
    shape: credentialShape,
    nameOf: ({ name }) => name,
    list: async () =>
      (await credentials.list())
        .map(({ name, kind, hasSudoPassword }) => ({ name, type: kind, sudoPassword: hasSudoPassword }))
        .toSorted((one, other) => one.name.localeCompare(other.name)),
    check: async (said, work) => void wantedOf(said, work),
    async put(said, work) {
      const wanted = wantedOf(said, work)
      const there = (await credentials.list()).find(
        ({ name }) => name.toLowerCase() === said.name.toLowerCase(),
      )
      if (there) await credentials.replace(there.id, wanted, work.actor)
      else await credentials.create(wanted, work.actor)
    },
  })
}

const name = z.string().trim().min(1).max(200)
const { credentialId: _credential, jumpNodeId: _jump, ...plainFields } = nodeCreate.shape
const nodeShape = z.strictObject({
  ...plainFields,
  /** By name. */
  credential: name.nullable().default(null),
  /** The node to jump through, by name. */
  jumpHost: name.nullable().default(null),
})
type NodeSaid = z.infer<typeof nodeShape>

/** What a person sets of a node. Its host key is confirmed by somebody who compares it, and so is no part of a text. */
export const nodeKind = (nodes: Nodes, names: Names) =>
  asKind<NodeSaid>({
    kind: 'node',
    permission: 'node.write',
    stepUp: true,
    shape: nodeShape,
    nameOf: (said) => said.name,
    async list() {
      const all = await names.allNodes()
      const [credentials, known] = [await names.credentials(), await names.nodes()]
      return all
        .toSorted((one, other) => one.name.localeCompare(other.name))
        .map((node) => ({
          name: node.name,
          host: node.host,
          port: node.port,
          username: node.username,
          credential: credentials.nameOf(node.credentialId),
          jumpHost: known.nameOf(node.jumpNodeId),
          transport: node.transport,
          elevation: node.elevation,
          legacyAlgorithms: node.legacyAlgorithms,
          tags: node.tags,
          allowedAgents: node.allowedAgents,
          connectionsPerHour: node.connectionsPerHour,
          paused: node.paused,
        }))
    },
    needs: ({ credential, jumpHost }) => [
      ...(credential === null ? [] : [{ kind: 'credential' as const, name: credential }]),
      ...(jumpHost === null ? [] : [{ kind: 'node' as const, name: jumpHost }]),
    ],
    async put({ credential, jumpHost, ...said }, { actor, warn }) {
      const [credentials, known] = [await names.credentials(), await names.nodes()]
      const wanted = {
        ...said,
        credentialId: credential === null ? null : credentials.idOf(credential),
        jumpNodeId: jumpHost === null ? null : known.idOf(jumpHost),
      }
      const there = (await names.allNodes()).find((one) => one.name.toLowerCase() === said.name.toLowerCase())
      const node = there ? await nodes.change(there.id, wanted, actor) : await nodes.create(wanted, actor)
      if (node.hostKeys.length === 0) warn('Its host key is not confirmed yet: test it, compare, and say so.')
    },
  })

const variables = z.enum(repositoryVariables)
const repositoryShape = z.strictObject({
  node: name,
  type: z.enum(repositoryKinds),
  location: z
    .string()
    .trim()
    .min(1)
    .max(400)
    .refine(isLocation, 'A path without // and .., or an address without a password'),
  /** Whether a password is stored. */
  secret: z.boolean().default(false),
  /** Names of what is stored besides it. */
  variables: z.array(variables).max(repositoryVariables.length).default([]),
})
type RepositorySaid = z.infer<typeof repositoryShape>

export const repositoryKind = (repositories: Repositories, names: Names) => {
  const nameOf = ({ node, type, location }: RepositorySaid) => `${type} on ${node} at ${location}`

  /** Null when not all of it came along. */
  function secretOf(said: RepositorySaid, { lent }: Work): RepositorySecret | null {
    const from = `repository/${said.node}/${said.location}`
    const password = lent(`${from}/password`)
    const found = said.variables.map((variable) => [variable, lent(`${from}/${variable}`)] as const)
    if (password === undefined || found.some(([, value]) => value === undefined)) return null
    const given = { password, variables: Object.fromEntries(found) }
    return asForm(repositoryCreate.shape.secret, given, from)
  }

  return asKind<RepositorySaid>({
    kind: 'repository',
    permission: 'repository.write',
    stepUp: true,
    shape: repositoryShape,
    nameOf,
    list: async () =>
      (await repositories.list())
        .map(({ nodeName: node, kind, location, secret }) => ({
          node,
          type: kind,
          location,
          secret: secret !== null,
          variables: variables.options.filter((one) => secret?.variables.includes(one)),
        }))
        .toSorted((one, other) => nameOf(one).localeCompare(nameOf(other))),
    needs: ({ node }) => [{ kind: 'node', name: node }],
    async put(said, work) {
      const nodeId = (await names.nodes()).idOf(said.node)
      const { type: kind, location } = said
      const there = (await repositories.list()).find(
        (one) => one.nodeId === nodeId && one.kind === kind && one.location === location,
      )
      if (said.secret && !sealedKinds.includes(kind)) throw fail('repository.no_secret')
      const secret = said.secret ? secretOf(said, work) : null
      if (!there) await repositories.create({ nodeId, kind, location, secret }, work.actor)
      else if (secret) await repositories.setSecret(there.id, secret, work.actor)
      if (said.secret && !secret && !there?.secret) {
        const from = `repository/${said.node}/${location}`
        work.warn(
          `Its password is missing: enter it, or give it along as ${[`${from}/password`, ...said.variables.map((one) => `${from}/${one}`)].join(', ')}.`,
        )
      }
    },
  })
}
