import type { Meta, StoryObj } from '@storybook/react-vite'
import { severity } from '../../contract/agent-protocol.ts'
import { SeverityBadge } from './severity-badge.tsx'

const meta = {
  title: 'ui/SeverityBadge',
  component: SeverityBadge,
  args: { severity: 'critical' },
} satisfies Meta<typeof SeverityBadge>
export default meta
type Story = StoryObj<typeof meta>

export const All: Story = {
  render: () => (
    <div className="space-y-4">
      <div className="flex flex-wrap gap-4">
        {severity.options.map((one) => (
          <SeverityBadge key={one} severity={one} />
        ))}
      </div>
      <div className="flex flex-wrap gap-3">
        {severity.options.map((one, index) => (
          <SeverityBadge key={one} severity={one} count={index * 7 + 1} />
        ))}
      </div>
    </div>
  ),
}
