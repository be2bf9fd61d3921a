import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import type { Credential } from '../../contract/credentials.ts'
import { toProblem } from '../../contract/errors.ts'
import { ago, aNodeKey, aRotation, hostile, nodeIdOf, nodes, refusal } from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { Credentials } from './credentials.tsx'

const key: Credential = {
  id: 'cre_01jd0000000000000000000001' as Credential['id'],
  name: 'carl',
  kind: 'key',
  publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2Zw0l7mW9tYH4o3t0mQy0l0o2mZ5c6JqK5h5m8y1Zs carl',
  fingerprint: 'SHA256:1bU4nR8v2dQmYk0oZ5sXhT7cWj3fLq9gPaEeVxNyMw0',
  hasSudoPassword: true,
  isUploaded: false,
  nodeIds: nodes.map(({ id }) => id),
  createdAt: ago(60 * 24 * 90),
  secretSetAt: ago(60 * 24 * 30),
}
const password: Credential = {
  ...key,
  id: 'cre_01jd0000000000000000000002' as Credential['id'],
  name: hostile.words,
  kind: 'password',
  publicKey: null,
  fingerprint: null,
  hasSudoPassword: false,
  nodeIds: [],
}
const keys = [
  aNodeKey({ nodeId: nodeIdOf(1), nodeName: 'nas' }),
  aNodeKey({ nodeId: nodeIdOf(2), nodeName: 'pve1', standing: 'overdue', dueAt: ago(60 * 24) }),
  aNodeKey({ nodeId: nodeIdOf(3), nodeName: 'pi', isOwn: true, rotation: aRotation() }),
  aNodeKey({
    nodeId: nodeIdOf(4),
    nodeName: hostile.words,
    rotation: aRotation({ step: 'append', waitsForPerson: true, problem: toProblem('key.by_hand') }),
  }),
  aNodeKey({
    nodeId: nodeIdOf(5),
    nodeName: 'old-nas',
    standing: 'none',
    cannotRotate: 'password',
    since: null,
    dueAt: null,
  }),
  aNodeKey({
    nodeId: nodeIdOf(6),
    nodeName: 'backup',
    isUploaded: true,
    standing: 'soon',
    dueAt: ago(-60 * 24 * 3),
  }),
]
const server = { ...aServer(), 'GET /credentials': { items: [key, password] }, 'GET /keys': { items: keys } }

const meta = {
  title: 'settings/Credentials',
  component: Credentials,
  parameters: { queries: [signedInAs('admin')] },
  globals: { theme: 'light' },
  beforeEach: () => answering(server),
} satisfies Meta<typeof Credentials>
export default meta
type Story = StoryObj<typeof meta>

export const Some: Story = {}
export const Dark: Story = { globals: { theme: 'dark' } }
export const None: Story = { beforeEach: () => answering({ ...server, 'GET /credentials': { items: [] } }) }
export const Loads: Story = { beforeEach: () => answering({ ...server, 'GET /credentials': 'never' }) }
export const Broken: Story = {
  beforeEach: () => answering({ ...server, 'GET /credentials': refusal('server.no_answer') }),
}
export const AsOperator: Story = { parameters: { queries: [signedInAs('operator')] } }

export const Uploaded: Story = {
  beforeEach: () => answering({ ...server, 'POST /credentials': refusal('key.is_public') }),
  play: async ({ canvasElement }) => {
    await userEvent.click(await within(canvasElement).findByRole('button', { name: 'New credential' }))
    const dialog = within(await within(canvasElement.ownerDocument.body).findByRole('dialog'))
    await userEvent.click(dialog.getByRole('radio', { name: /Your own key/ }))
    await userEvent.type(dialog.getByRole('textbox', { name: /Name of the credential/ }), 'mine')
    await userEvent.type(dialog.getByRole('textbox', { name: /Private key/ }), 'ssh-ed25519 AAAA')
    await userEvent.click(dialog.getByRole('button', { name: 'Store' }))
    await expect(await dialog.findByText('This is the public half of a key')).toBeVisible()
    await expect(dialog.getByText(/the file without .pub/)).toBeVisible()
  },
}

/** Deleting is refused while nodes use it, and says which. */
export const InUse: Story = {
  beforeEach: () => answering({ ...server, [`DELETE /credentials/${key.id}`]: refusal('credential.in_use') }),
  play: async ({ canvasElement }) => {
    const body = within(canvasElement.ownerDocument.body)
    await userEvent.click(await body.findByRole('button', { name: 'Actions for carl' }))
    await userEvent.click(await body.findByRole('menuitem', { name: 'Delete' }))
    const dialog = within(await body.findByRole('alertdialog'))
    await userEvent.type(dialog.getByRole('textbox'), 'carl')
    await userEvent.click(dialog.getByRole('button', { name: 'Delete' }))
    await expect(await dialog.findByText('Nodes still use this credential')).toBeVisible()
    await expect(dialog.getByRole('link', { name: 'nas' })).toBeVisible()
  },
}

export const Generated: Story = {
  beforeEach: () => answering({ ...server, 'POST /credentials': { ...key, nodeIds: [nodeIdOf(1)] } }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: 'New credential' }))
    const dialog = within(await within(canvasElement.ownerDocument.body).findByRole('dialog'))
    await userEvent.type(dialog.getByRole('textbox', { name: /Name of the credential/ }), 'carl')
    await userEvent.click(dialog.getByRole('button', { name: 'Store' }))
    await expect(await page.findByText(/Put this line into authorized_keys/)).toBeVisible()
  },
}

/** A key from elsewhere is only renewed when somebody has read what that means. */
export const UploadedKeyRotates: Story = {
  beforeEach: () =>
    answering({ ...server, [`POST /nodes/${nodeIdOf(6)}/key/rotate`]: refusal('key.rotating') }),
  play: async ({ canvasElement }) => {
    const body = within(canvasElement.ownerDocument.body)
    await userEvent.click(await body.findByRole('button', { name: 'Rotate now: backup' }))
    const dialog = within(await body.findByRole('alertdialog'))
    await expect(dialog.getByText(/is then locked out/)).toBeVisible()
    await userEvent.click(dialog.getByRole('button', { name: 'Renew it and remove the old line' }))
    await expect(await dialog.findByText('The SSH key of this node is being renewed')).toBeVisible()
  },
}

export const KeysBroken: Story = {
  beforeEach: () => answering({ ...server, 'GET /keys': refusal('server.no_answer') }),
}

export const RotatesOnAll: Story = {
  beforeEach: () =>
    answering({
      ...server,
      ...Object.fromEntries(nodes.slice(1).map(({ id }) => [`POST /nodes/${id}/key/rotate`, keys[2] ?? {}])),
    }),
  play: async ({ canvasElement }) => {
    const body = within(canvasElement.ownerDocument.body)
    await userEvent.click(await body.findByRole('button', { name: 'Actions for carl' }))
    await userEvent.click(await body.findByRole('menuitem', { name: 'Rotate on all its nodes' }))
    const dialog = within(await body.findByRole('alertdialog'))
    await userEvent.click(dialog.getByRole('button', { name: 'Rotate now' }))
    await waitFor(() => expect(body.queryByRole('alertdialog')).toBeNull())
  },
}
