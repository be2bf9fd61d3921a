import { describe, expect, test } from 'vitest'
import type { Credential } from '../../contract/credentials.ts'
import { aNode } from '../fixtures.ts'
import {
  changesOf,
  fieldsOf,
  type NodeFormValues,
  resolveNodeForm,
  toFormValues,
  type WantedNode,
} from './node-form-values.ts'

const credentialId = 'cre_01jd0000000000000000000001' as Credential['id']
const credential = { id: credentialId, name: 'carl' } as Credential

type Change = { node?: Partial<NodeFormValues['node']>; login?: Partial<NodeFormValues['login']> }

/** A form in which the least is filled in, with some of it changed. */
function filled({ node = {}, login = {} }: Change = {}): NodeFormValues {
  const empty = toFormValues(null, [])
  return {
    node: { ...empty.node, name: 'nas', host: '10.0.0.2', ...node },
    login: { ...empty.login, ...login },
  }
}

async function check(values: NodeFormValues) {
  const { values: wanted, errors } = await resolveNodeForm(values, undefined, {
    fields: {},
    shouldUseNativeValidation: false,
  })
  const wrong = Object.entries(errors).flatMap(([part, fields]) =>
    Object.keys(fields as object).map((field) => `${part}.${field}`),
  )
  return { wanted: wanted as WantedNode, wrong }
}

describe('a form that is filled in', () => {
  test('becomes what the server is asked for, with a key named after the node', async () => {
    const { wanted, wrong } = await check(filled())
    expect(wrong).toEqual([])
    expect(wanted.node).toMatchObject({
      name: 'nas',
      host: '10.0.0.2',
      port: 22,
      username: 'carl',
      jumpNodeId: null,
      connectionsPerHour: null,
      allowedAgents: ['system-health'],
    })
    expect(wanted.login).toEqual({ kind: 'generate', name: 'nas', sudoPassword: null })
  })

  test.each<[what: string, change: Change, login: object]>([
    [
      'a stored credential',
      { login: { kind: 'existing', credentialId } },
      { kind: 'existing', credentialId },
    ],
    ['nothing yet', { login: { kind: 'later', privateKey: 'left from before' } }, { kind: 'later' }],
    [
      'a key with a passphrase',
      { login: { kind: 'key', name: 'mine', privateKey: 'KEY', passphrase: 'open' } },
      { kind: 'key', name: 'mine', privateKey: 'KEY', passphrase: 'open', sudoPassword: null },
    ],
    [
      'a password, and one for sudo',
      { login: { kind: 'password', password: 'p', sudoPassword: 's', privateKey: 'left from before' } },
      { kind: 'password', name: 'nas', password: 'p', sudoPassword: 's' },
    ],
  ])('sends for %s only what belongs to it', async (_what, change, login) => {
    expect((await check(filled(change))).wanted.login).toEqual(login)
  })
})

test.each<[what: string, change: Change, field: string]>([
  ['no name', { node: { name: ' ' } }, 'node.name'],
  ['a user in the address', { node: { host: 'root@nas' } }, 'node.host'],
  ['no port', { node: { port: Number.NaN } }, 'node.port'],
  ['a port that does not exist', { node: { port: 70_000 } }, 'node.port'],
  ['a user name with a space', { node: { username: 'my user' } }, 'node.username'],
  ['a tag with an exclamation mark', { node: { tags: ['fine', '!not'] } }, 'node.tags'],
  ['words for a number', { node: { connectionsPerHour: 'many' } }, 'node.connectionsPerHour'],
  ['half a connection', { node: { connectionsPerHour: '0.5' } }, 'node.connectionsPerHour'],
  ['no credential chosen', { login: { kind: 'existing', credentialId: '' } }, 'login.credentialId'],
  ['no key', { login: { kind: 'key' } }, 'login.privateKey'],
  ['no password', { login: { kind: 'password' } }, 'login.password'],
])('%s is said at its field', async (_what, change, field) => {
  expect((await check(filled(change))).wrong).toEqual([field])
})

describe('the form as it opens', () => {
  test('offers a new key where nothing is stored, and the one credential there is', () => {
    expect(toFormValues(null, []).login).toMatchObject({ kind: 'generate', credentialId: '' })
    expect(toFormValues(null, [credential]).login).toMatchObject({ kind: 'existing', credentialId })
    expect(toFormValues(null, [credential, { ...credential }]).login).toMatchObject({
      kind: 'existing',
      credentialId: '',
    })
  })

  test('shows a node as it is, so that saving it changes nothing', async () => {
    const node = aNode({ credentialId, connectionsPerHour: 10, allowedAgents: [] })
    const { wanted, wrong } = await check(toFormValues(node, []))
    expect(wrong).toEqual([])
    expect(changesOf(node, { ...wanted.node, credentialId })).toEqual({})
  })

  test('sends of a changed node only what changed', () => {
    const node = aNode({ credentialId })
    expect(changesOf(node, { ...node, tags: ['rack'], paused: true })).toEqual({
      tags: ['rack'],
      paused: true,
    })
  })
})

test.each<[code: string, fields: string[]]>([
  ['node.name_taken', ['node.name']],
  ['node.jump_loop', ['node.jumpNodeId']],
  ['credential.name_taken', ['login.name']],
  ['key.passphrase_required', ['login.passphrase']],
  ['key.passphrase_wrong', ['login.passphrase']],
  ['key.is_public', ['login.privateKey']],
  ['server.bug', []],
])('%s is told at %j', (code, fields) => {
  expect(fieldsOf(code, 'No', []).map(({ name }) => name)).toEqual(fields)
})

test('what the server finds wrong with a field is told there, a secret among the secrets', () => {
  const issues = [
    { path: 'host', message: 'no' },
    { path: 'tags.0', message: 'no' },
    { path: 'privateKey', message: 'no' },
  ]
  expect(fieldsOf('request.invalid', 'No', issues).map(({ name }) => name)).toEqual([
    'node.host',
    'node.tags',
    'login.privateKey',
  ])
})
