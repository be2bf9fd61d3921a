import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, within } from 'storybook/test'
import { toProblem } from '../../contract/errors.ts'
import { ago, aNodeKey, aRotation, hostile, nodeIdOf, refusal } from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { Card } from '../ui/card.tsx'
import { KeyPanel } from './key-panel.tsx'

const line =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2Zw0l7mW9tYH4o3t0mQy0l0o2mZ5c6JqK5h5m8y1Zs carl-nas-2026-11-26'
const path = `/nodes/${nodeIdOf(1)}/key`

const meta = {
  title: 'nodes/KeyPanel',
  component: KeyPanel,
  args: { nodeKey: aNodeKey() },
  parameters: { queries: [signedInAs('admin')] },
  globals: { theme: 'light' },
  beforeEach: () => answering(aServer()),
  render: (args) => (
    <Card className="max-w-2xl p-4">
      <KeyPanel {...args} />
    </Card>
  ),
} satisfies Meta<typeof KeyPanel>
export default meta
type Story = StoryObj<typeof meta>

export const Fresh: Story = {}
export const Overdue: Story = {
  args: { nodeKey: aNodeKey({ standing: 'overdue', dueAt: ago(60 * 24 * 3) }) },
}
export const SwitchedOff: Story = { args: { nodeKey: aNodeKey({ standing: 'off', dueAt: null }) } }
export const Password: Story = {
  args: {
    nodeKey: aNodeKey({
      standing: 'none',
      cannotRotate: 'password',
      fingerprint: null,
      since: null,
      dueAt: null,
    }),
  },
}
export const NoCredential: Story = {
  args: {
    nodeKey: aNodeKey({
      standing: 'none',
      cannotRotate: 'no-credential',
      credentialId: null,
      credentialName: null,
      fingerprint: null,
      since: null,
      dueAt: null,
    }),
  },
}
export const Uploaded: Story = {
  args: { nodeKey: aNodeKey({ isUploaded: true, credentialName: hostile.html }) },
}
export const WaitsForRun: Story = {
  args: {
    nodeKey: aNodeKey({ rotation: aRotation({ step: 'make', waitsForRun: true, activatedAt: null }) }),
  },
}
export const InGrace: Story = { args: { nodeKey: aNodeKey({ isOwn: true, rotation: aRotation() }) } }
export const Dark: Story = { ...InGrace, globals: { theme: 'dark' } }
export const Unreachable: Story = {
  args: {
    nodeKey: aNodeKey({
      rotation: aRotation({
        step: 'try',
        activatedAt: null,
        retryAt: ago(-4),
        problem: toProblem('ssh.connection_timeout'),
      }),
    }),
  },
}
export const Undone: Story = {
  args: {
    nodeKey: aNodeKey({
      rotation: aRotation({
        step: 'undone',
        activatedAt: null,
        endedAt: ago(3),
        problem: toProblem('key.new_refused'),
      }),
    }),
  },
}
export const Done: Story = {
  args: {
    nodeKey: aNodeKey({
      isOwn: true,
      since: ago(60 * 26),
      rotation: aRotation({ step: 'done', endedAt: ago(60) }),
    }),
  },
}
export const AsViewerOfCredentials: Story = { ...InGrace, parameters: { queries: [signedInAs('operator')] } }

/** A person adds the line; what is wrong with it is told beside it. */
export const ByHand: Story = {
  args: {
    nodeKey: aNodeKey({
      rotation: aRotation({
        step: 'append',
        strategy: 'manual',
        waitsForPerson: true,
        activatedAt: null,
        line,
        problem: toProblem(
          'key.by_hand',
          'This key may not read files on the node, as its line in authorized_keys has a forced command.',
        ),
      }),
    }),
  },
  beforeEach: () => answering({ ...aServer(), [`POST ${path}/confirm`]: refusal('key.not_rotating') }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(page.getByRole('region', { name: 'the new line' })).toHaveTextContent(line)
    await userEvent.click(page.getByRole('button', { name: 'I have added it: check' }))
    await expect(await page.findByText('Nothing waits for this step')).toBeVisible()
  },
}

export const RemoveByHand: Story = {
  args: {
    nodeKey: aNodeKey({
      rotation: aRotation({
        step: 'remove',
        strategy: 'manual',
        waitsForPerson: true,
        line,
        problem: toProblem('key.old_still_works'),
      }),
    }),
  },
}

export const TakenBack: Story = {
  args: { nodeKey: aNodeKey({ isOwn: true, rotation: aRotation() }) },
  beforeEach: () => answering({ ...aServer(), [`POST ${path}/cancel`]: refusal('key.too_late') }),
  play: async ({ canvasElement }) => {
    await userEvent.click(within(canvasElement).getByRole('button', { name: 'Take it back' }))
    const dialog = within(await within(canvasElement.ownerDocument.body).findByRole('alertdialog'))
    await userEvent.click(dialog.getByRole('button', { name: 'Take it back' }))
    await expect(await dialog.findByText('The old key is already being removed')).toBeVisible()
  },
}
