import type { Meta, StoryObj } from '@storybook/react-vite'
import { FlaskConical, Tag } from 'lucide-react'
import { hostile } from '../fixtures.ts'
import { Badge } from './badge.tsx'

const meta = { title: 'ui/Badge', component: Badge, args: { children: 'rack' } } satisfies Meta<typeof Badge>
export default meta
type Story = StoryObj<typeof meta>

export const All: Story = {
  render: () => (
    <div className="flex flex-wrap gap-2">
      <Badge>rack</Badge>
      <Badge icon={<Tag aria-hidden />}>proxmox</Badge>
      <Badge tone="run" icon={<FlaskConical aria-hidden />}>
        Dry run
      </Badge>
      {(['ok', 'wait', 'fail', 'missed', 'idle'] as const).map((tone) => (
        <Badge key={tone} tone={tone}>
          {tone}
        </Badge>
      ))}
    </div>
  ),
}

export const FromANode: Story = {
  render: () => (
    <div className="flex w-64 flex-wrap gap-2">
      {Object.entries(hostile).map(([name, text]) => (
        <Badge key={name}>{text}</Badge>
      ))}
    </div>
  ),
}
