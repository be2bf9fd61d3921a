import type { Meta, StoryObj } from '@storybook/react-vite'
import { Avatar } from './avatar.tsx'
import { KeyHint } from './key-hint.tsx'
import { Logo } from './logo.tsx'

const meta = { title: 'ui/Avatar', component: Avatar, args: { name: 'anna' } } satisfies Meta<typeof Avatar>
export default meta
type Story = StoryObj<typeof meta>

export const Small: Story = {
  render: () => (
    <div className="flex items-center gap-3">
      {['anna', 'Anna Berg', 'ü', '李小龙', '🏠 nas', 'admin@lan'].map((name) => (
        <Avatar key={name} name={name} />
      ))}
      <KeyHint keys={['⌘', 'K']} />
      <Logo />
    </div>
  ),
}
