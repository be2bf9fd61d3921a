import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, within } from 'storybook/test'
import { answering, aServer } from '../story-server.ts'
import { PasteBlock } from './paste-block.tsx'

const meta = {
  title: 'nodes/PasteBlock',
  component: PasteBlock,
  args: {
    publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2Zw0l7mW9tYH4o3t0mQy0l0o2mZ5c6JqK5h5m8y1Zs carl',
    username: 'carl',
    elevation: 'commands',
  },
  beforeEach: () => answering(aServer()),
} satisfies Meta<typeof PasteBlock>
export default meta
type Story = StoryObj<typeof meta>

export const Commands: Story = {}
export const NoRights: Story = { args: { elevation: 'none' } }
export const AsRoot: Story = { args: { elevation: 'root' } }
export const UserUnusable: Story = { args: { username: 'my user' } }
export const FromOneAddress: Story = {
  globals: { theme: 'light' },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    const from = page.getByRole('textbox', { name: /Address of this server/ })
    await userEvent.type(from, '10.0.0.5')
    await expect(page.getByText(/restrict,from="10.0.0.5"/)).toBeVisible()
    await userEvent.type(from, '"')
    await expect(page.getByText('Addresses, networks or names, separated by commas.')).toBeVisible()
  },
}
