import type { Meta, StoryObj } from '@storybook/react-vite'
import { Progress } from './progress.tsx'

const meta = {
  title: 'ui/Progress',
  component: Progress,
  args: { label: 'Signing in' },
} satisfies Meta<typeof Progress>
export default meta
type Story = StoryObj<typeof meta>

export const Unknown: Story = {}
export const Known: Story = { args: { percent: 62 } }
