import type { Meta, StoryObj } from '@storybook/react-vite'
import { Link } from '@tanstack/react-router'
import { hostile } from '../fixtures.ts'
import { Button } from './button.tsx'
import { PageHeader } from './page-header.tsx'
import { HealthBadge } from './status-badge.tsx'

const meta = {
  title: 'ui/PageHeader',
  component: PageHeader,
  args: {
    title: 'Nodes',
    subtitle: 'The machines that Carl looks after.',
    actions: <Button>Add a node</Button>,
  },
} satisfies Meta<typeof PageHeader>
export default meta
type Story = StoryObj<typeof meta>

export const WithActions: Story = {}

export const WithBreadcrumb: Story = {
  args: {
    title: 'nas',
    subtitle: 'carl@192.168.1.10',
    badge: <HealthBadge health="ok" variant="pill" />,
    breadcrumb: <Link to="/nodes">Nodes</Link>,
    actions: (
      <>
        <Button variant="secondary">Test</Button>
        <Button>Run…</Button>
      </>
    ),
  },
}

export const FromANode: Story = { args: { title: hostile.long, subtitle: hostile.rightToLeft } }
