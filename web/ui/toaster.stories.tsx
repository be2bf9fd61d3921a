import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, screen, userEvent, waitFor } from 'storybook/test'
import { refusal } from '../fixtures.ts'
import { clearToasts, tellFailure, tellSuccess, Toaster } from './toaster.tsx'

const meta = {
  title: 'ui/Toaster',
  component: Toaster,
  globals: { theme: 'light' },
  beforeEach: clearToasts,
} satisfies Meta<typeof Toaster>
export default meta
type Story = StoryObj<typeof meta>

export const BothKinds: Story = {
  play: async () => {
    tellSuccess('Node nas was added', { text: 'Test the way to it next.' })
    tellFailure(refusal('node.name_taken'))
    await screen.findByText('Another node has this name')
    await waitFor(() => expect(screen.getByText('Choose another name.')).toBeVisible())
  },
}

export const InTheDark: Story = { ...BothKinds, globals: { theme: 'dark' } }

/** Of many at once the newest three stay, and each can be dismissed. */
export const Many: Story = {
  play: async () => {
    for (let number = 1; number <= 5; number++) tellSuccess(`Message ${number}`)
    await screen.findByText('Message 5')
    await expect(screen.getAllByRole('listitem')).toHaveLength(3)
    await userEvent.click(screen.getAllByRole('button', { name: 'Dismiss' })[0] as HTMLElement)
    await expect(screen.queryByText('Message 3')).toBeNull()
  },
}
