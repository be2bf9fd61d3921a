import type { Meta, StoryObj } from '@storybook/react-vite'
import { Server } from 'lucide-react'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { EmptyState } from './empty-state.tsx'

const meta = {
  title: 'ui/EmptyState',
  component: EmptyState,
  args: {
    icon: Server,
    title: 'No nodes yet',
    text: 'A node is a machine that Carl reaches over SSH. Add the first one, and test the way to it.',
    action: <Button>Add a node</Button>,
  },
  decorators: [
    (Story) => (
      <Card>
        <Story />
      </Card>
    ),
  ],
} satisfies Meta<typeof EmptyState>
export default meta
type Story = StoryObj<typeof meta>

export const WithAction: Story = {}
export const TitleAlone: Story = {
  args: { text: undefined, action: undefined, title: 'Nothing matches this filter' },
}
