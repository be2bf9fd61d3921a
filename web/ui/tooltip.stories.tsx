import type { Meta, StoryObj } from '@storybook/react-vite'
import { Pause } from 'lucide-react'
import { expect, screen, userEvent, waitFor } from 'storybook/test'
import { IconButton } from './button.tsx'
import { Tooltip } from './tooltip.tsx'

const meta = {
  title: 'ui/Tooltip',
  component: Tooltip,
  args: { content: 'Pause', children: <span /> },
  globals: { theme: 'light' },
} satisfies Meta<typeof Tooltip>
export default meta
type Story = StoryObj<typeof meta>

/** It shows on focus too, and goes by Escape. */
export const OnFocus: Story = {
  render: () => (
    <div className="pt-8">
      <IconButton label="Pause the log" icon={Pause} />
    </div>
  ),
  play: async () => {
    await userEvent.tab()
    await expect(await screen.findByRole('tooltip')).toHaveTextContent('Pause the log')
    await userEvent.keyboard('{Escape}')
    await waitFor(() => expect(screen.queryByRole('tooltip')).toBeNull())
  },
}
