import { toNestErrors } from '@hookform/resolvers'
import type { FieldErrors, Resolver } from 'react-hook-form'
import * as z from 'zod'
import type { Issue } from '../../contract/errors.ts'
import { type Credential, type CredentialCreate, credentialCreate } from '../../contract/credentials.ts'
import { credentialId, type CredentialId } from '../../contract/ids.ts'
import { type Node, type NodeChange, type NodeCreate, nodeCreate } from '../../contract/nodes.ts'
import { onlyReads } from './only-reads.ts'

/** How the node is to be opened: by what is stored already, by something new, or not yet. */
export type LoginKind = 'existing' | CredentialCreate['kind'] | 'later'

/** The secret part of a credential, with one text for each field whichever way is chosen. */
export interface CredentialValues {
  readonly name: string
  readonly privateKey: string
  readonly passphrase: string
  readonly password: string
  readonly sudoPassword: string
}

/** What stands in the fields of the node form. */
export interface NodeFormValues {
  node: {
    name: string
    host: string
    /** NaN while the field is empty. */
    port: number
    username: string
    jumpNodeId: string
    transport: Node['transport']
    elevation: Node['elevation']
    legacyAlgorithms: boolean
    tags: string[]
    allowedAgents: string[] | null
    /** Text, since empty means the default. */
    connectionsPerHour: string
    paused: boolean
  }
  login: CredentialValues & { kind: LoginKind; credentialId: string }
}

/** What the form asks for, checked: the settings, and the credential that is to be made first, if any. */
export interface WantedNode {
  readonly node: NodeCreate
  readonly login:
    | { readonly kind: 'existing'; readonly credentialId: CredentialId }
    | CredentialCreate
    | { readonly kind: 'later' }
}

const wantedNode = z.object({
  node: nodeCreate,
  login: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('later') }),
    z.object({ kind: z.literal('existing'), credentialId }),
    ...credentialCreate.options,
  ]),
})

export const emptyCredential: CredentialValues = {
  name: '',
  privateKey: '',
  passphrase: '',
  password: '',
  sudoPassword: '',
}

/** The form as it opens: empty, or with the settings of a node. Secrets never come back. */
export function toFormValues(node: Node | null, credentials: readonly Credential[]): NodeFormValues {
  return {
    node: {
      name: node?.name ?? '',
      host: node?.host ?? '',
      port: node?.port ?? 22,
      username: node?.username ?? 'carl',
      jumpNodeId: node?.jumpNodeId ?? '',
      transport: node?.transport ?? 'builtin',
      elevation: node?.elevation ?? 'none',
      legacyAlgorithms: node?.legacyAlgorithms ?? false,
      tags: [...(node?.tags ?? [])],
      allowedAgents: node ? node.allowedAgents && [...node.allowedAgents] : [onlyReads],
      connectionsPerHour: node?.connectionsPerHour?.toString() ?? '',
      paused: node?.paused ?? false,
    },
    login: {
      ...emptyCredential,
      kind: node
        ? node.credentialId
          ? 'existing'
          : 'later'
        : credentials.length > 0
          ? 'existing'
          : 'generate',
      // With one credential there is nothing to choose.
      credentialId: node?.credentialId ?? (credentials.length === 1 ? (credentials[0]?.id ?? '') : ''),
    },
  }
}

/** The credential that the fields describe; one without a name is called as `fallbackName`. Not checked yet. */
export function toCredential(
  kind: CredentialCreate['kind'],
  values: CredentialValues,
  fallbackName: string,
): object {
  const common = {
    kind,
    name: values.name.trim() || fallbackName.trim(),
    sudoPassword: values.sudoPassword || null,
  }
  if (kind === 'key')
    return { ...common, privateKey: values.privateKey, passphrase: values.passphrase || null }
  return kind === 'password' ? { ...common, password: values.password } : common
}

function toLogin({ login, node }: NodeFormValues): object {
  const { kind } = login
  if (kind === 'later') return { kind }
  if (kind === 'existing') return { kind, credentialId: login.credentialId }
  // A credential of a new node is told apart by the node, within the length of a name.
  // Without any name, the complaint about the node is enough.
  return toCredential(kind, login, node.name.slice(0, 100).trim() || 'carl')
}

const numberOrNull = (text: string): number | null => (text.trim() === '' ? null : Number(text))

/** What is sent, before it is checked. */
export const toWanted = (values: NodeFormValues): object => ({
  node: {
    ...values.node,
    jumpNodeId: values.node.jumpNodeId || null,
    connectionsPerHour: numberOrNull(values.node.connectionsPerHour),
  },
  login: toLogin(values),
})

/** Checks the form by the rules of the contract, and puts each complaint at its field. */
export const resolveNodeForm: Resolver<NodeFormValues, unknown, WantedNode> = (values, _context, options) => {
  const parsed = wantedNode.safeParse(toWanted(values))
  if (parsed.success) return { values: parsed.data, errors: {} }
  return { values: {}, errors: toNestErrors<NodeFormValues>(toFieldErrors(parsed.error.issues), options) }
}

/** The first complaint of each field. One about a single tag or agent belongs to their field. */
export function toFieldErrors(issues: readonly z.core.$ZodIssue[]): FieldErrors {
  const errors: FieldErrors = {}
  for (const { path, code, message } of issues) {
    const name = path.slice(0, 2).join('.')
    errors[name] ??= { type: code ?? 'invalid', message }
  }
  return errors
}

/** What differs from the node as it is, so that saving does not undo what others changed meanwhile. */
export function changesOf(node: Node, wanted: NodeCreate): NodeChange {
  const changed = Object.entries(wanted).filter(
    ([name, value]) => JSON.stringify(node[name as keyof NodeCreate]) !== JSON.stringify(value),
  )
  return Object.fromEntries(changed) as NodeChange
}

export type FieldName =
  | `node.${keyof NodeFormValues['node']}`
  | `login.${keyof CredentialValues | 'credentialId'}`

const fieldsOfCodes: Partial<Record<string, FieldName>> = {
  'node.name_taken': 'node.name',
  'node.jump_loop': 'node.jumpNodeId',
  'credential.name_taken': 'login.name',
  'credential.not_found': 'login.credentialId',
  'key.passphrase_required': 'login.passphrase',
  'key.passphrase_wrong': 'login.passphrase',
}

const credentialFields = ['name', 'privateKey', 'passphrase', 'password', 'sudoPassword']

/**
 * The fields that a refusal of the server is about, with what to say there. Empty when it is about none of them: then it
 * is told as a whole.
 */
export function fieldsOf(
  code: string,
  title: string,
  issues: readonly Issue[],
): { name: FieldName; message: string }[] {
  const field = fieldsOfCodes[code] ?? (code.startsWith('key.') ? 'login.privateKey' : undefined)
  if (field) return [{ name: field, message: title }]
  return issues.map(({ path, message }) => {
    const [first = ''] = path.split('.')
    const isSecret = credentialFields.includes(first) && first !== 'name'
    return { name: `${isSecret ? 'login' : 'node'}.${first}` as FieldName, message }
  })
}
