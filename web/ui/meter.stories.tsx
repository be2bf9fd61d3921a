import type { Meta, StoryObj } from '@storybook/react-vite'
import { Meter } from './meter.tsx'

const meta = {
  title: 'ui/Meter',
  component: Meter,
  args: { label: '/var', percent: 41 },
} satisfies Meta<typeof Meter>
export default meta
type Story = StoryObj<typeof meta>

export const Levels: Story = {
  render: () => (
    <div className="max-w-64 space-y-4">
      <Meter label="Memory" percent={0} />
      <Meter label="/" percent={41} figure="20 GB of 50 GB" />
      <Meter label="/srv/media/with/a/long/path/that/does/not/fit" percent={86} />
      <Meter label="/var" percent={97.4} />
      <Meter label="Swap" percent={140} />
    </div>
  ),
}
