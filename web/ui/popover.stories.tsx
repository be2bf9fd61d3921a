import type { Meta, StoryObj } from '@storybook/react-vite'
import { Button } from './button.tsx'
import { Popover, PopoverContent, PopoverTrigger } from './popover.tsx'

const meta = { title: 'ui/Popover', component: Popover } satisfies Meta<typeof Popover>
export default meta
type Story = StoryObj<typeof meta>

export const Open: Story = {
  globals: { theme: 'light' },
  render: () => (
    <Popover defaultOpen>
      <PopoverTrigger asChild>
        <Button variant="ghost">$0.12 today</Button>
      </PopoverTrigger>
      <PopoverContent align="start" aria-label="What models have cost">
        $0.12 of $1.00 today, $2.40 this month.
      </PopoverContent>
    </Popover>
  ),
}

export const OpenInTheDark: Story = { ...Open, globals: { theme: 'dark' } }
