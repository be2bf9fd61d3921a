import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import type { Credential } from '../../contract/credentials.ts'
import { ago, aNode, hostile, nodeIdOf, refusal } from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { NodeForm } from './node-form.tsx'

const credential: Credential = {
  id: 'cre_01jd0000000000000000000001' as Credential['id'],
  name: 'carl',
  kind: 'key',
  publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2Zw0l7mW9tYH4o3t0mQy0l0o2mZ5c6JqK5h5m8y1Zs carl',
  fingerprint: 'SHA256:1bU4nR8v2dQmYk0oZ5sXhT7cWj3fLq9gPaEeVxNyMw0',
  hasSudoPassword: false,
  isUploaded: false,
  nodeIds: [nodeIdOf(1)],
  createdAt: ago(60 * 24 * 30),
  secretSetAt: ago(60 * 24 * 30),
}
const server = { ...aServer(), 'GET /credentials': { items: [credential] } }
const none = { ...aServer(), 'GET /credentials': { items: [] } }

const meta = {
  title: 'nodes/NodeForm',
  component: NodeForm,
  args: { onSaved: fn() },
  parameters: { queries: [signedInAs('admin')] },
  globals: { theme: 'light' },
  beforeEach: () => answering(server),
} satisfies Meta<typeof NodeForm>
export default meta
type Story = StoryObj<typeof meta>

export const New: Story = {}
export const Dark: Story = { globals: { theme: 'dark' } }
export const FirstOfAll: Story = { beforeEach: () => answering(none) }
export const Loads: Story = { beforeEach: () => answering({ ...server, 'GET /credentials': 'never' }) }
export const Broken: Story = {
  beforeEach: () => answering({ ...server, 'GET /credentials': refusal('server.no_answer') }),
}
export const Change: Story = {
  args: {
    node: aNode({
      credentialId: credential.id,
      name: hostile.emoji,
      allowedAgents: ['system-health' as never],
      legacyAlgorithms: true,
    }),
  },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByText('More settings'))
    await expect(page.getByText(/These algorithms are weak/)).toBeVisible()
    await userEvent.type(page.getByRole('textbox', { name: /Address/ }), '1')
    await expect(page.getByText(/means another machine/)).toBeVisible()
    await expect(page.getByText('Not saved yet')).toBeVisible()
  },
}

export const EverythingWrong: Story = {
  play: async ({ canvasElement, args }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('radio', { name: /Your own key/ }))
    await userEvent.click(page.getByRole('button', { name: 'Add the node' }))
    await expect(await page.findByText('A name of 1 to 200 characters.')).toBeVisible()
    await expect(page.getByText('A private key of at most 64 KiB.')).toBeVisible()
    await expect(page.getByRole('textbox', { name: /^Name(?! of)/ })).toHaveFocus()
    await expect(args.onSaved).not.toHaveBeenCalled()
  },
}

export const PassphraseMissing: Story = {
  beforeEach: () => answering({ ...server, 'POST /credentials': refusal('key.passphrase_required') }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await fillIn(page)
    await userEvent.click(page.getByRole('radio', { name: /Your own key/ }))
    await userEvent.type(page.getByRole('textbox', { name: /Private key/ }), 'KEY')
    await userEvent.click(page.getByRole('button', { name: 'Add the node' }))
    await expect(await page.findByText('This key is protected by a passphrase')).toBeVisible()
    await expect(page.getByRole('textbox', { name: /Passphrase/ })).toHaveFocus()
    await expect(page.getByRole('textbox', { name: /Private key/ })).toHaveValue('KEY')
  },
}

/** The key is stored and the node refused: the next attempt takes the key that is there. */
export const NameTaken: Story = {
  beforeEach: () =>
    answering({ ...server, 'POST /credentials': credential, 'POST /nodes': refusal('node.name_taken') }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await fillIn(page)
    await userEvent.click(page.getByRole('radio', { name: /A new key/ }))
    await userEvent.click(page.getByRole('button', { name: 'Add the node' }))
    await expect(await page.findByText('Another node has this name')).toBeVisible()
    await expect(page.getByText('Choose another name.')).toBeVisible()
    await expect(page.getByRole('combobox', { name: /Credential/ })).toHaveValue(credential.id)
  },
}

export const ServerAway: Story = {
  beforeEach: () => answering({ ...server, 'POST /nodes': refusal('server.no_answer') }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await fillIn(page)
    await userEvent.click(page.getByRole('button', { name: 'Add the node' }))
    await waitFor(() => expect(page.getByText('It could not be saved')).toBeVisible())
    await expect(page.getByRole('textbox', { name: /^Name(?! of)/ })).toHaveValue('pi')
  },
}

async function fillIn(page: ReturnType<typeof within>) {
  await userEvent.type(await page.findByRole('textbox', { name: /^Name(?! of)/ }), 'pi')
  await userEvent.type(page.getByRole('textbox', { name: /Address/ }), '192.168.1.30')
}
