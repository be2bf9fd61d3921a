import type { Meta, StoryObj } from '@storybook/react-vite'
import { executionState } from '../../contract/executions.ts'
import { nodeHealth } from '../../contract/nodes.ts'
import { HealthBadge, StatusBadge } from './status-badge.tsx'

const meta = {
  title: 'ui/StatusBadge',
  component: StatusBadge,
  args: { state: 'running' },
} satisfies Meta<typeof StatusBadge>
export default meta
type Story = StoryObj<typeof meta>

export const States: Story = {
  render: () => (
    <div className="space-y-2">
      {executionState.options.map((state) => (
        <div key={state} className="flex items-center gap-x-4">
          <StatusBadge state={state} />
          <StatusBadge state={state} variant="pill" />
          <StatusBadge state={state} iconOnly />
        </div>
      ))}
      <StatusBadge state="succeeded" partial />
    </div>
  ),
}

export const Health: Story = {
  render: () => (
    <div className="space-y-2">
      {nodeHealth.options.map((health) => (
        <div key={health} className="flex items-center gap-x-4">
          <HealthBadge health={health} />
          <span>
            <HealthBadge health={health} variant="pill" />
          </span>
        </div>
      ))}
    </div>
  ),
}

export const InGerman: Story = { ...States, globals: { locale: 'de' } }
