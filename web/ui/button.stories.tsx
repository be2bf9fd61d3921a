import type { Meta, StoryObj } from '@storybook/react-vite'
import { Link } from '@tanstack/react-router'
import { Play, RefreshCw, Settings } from 'lucide-react'
import { expect, fn, userEvent, within } from 'storybook/test'
import { Button, IconButton } from './button.tsx'

const meta = { title: 'ui/Button', component: Button } satisfies Meta<typeof Button>
export default meta
type Story = StoryObj<typeof meta>

const variants = ['primary', 'secondary', 'ghost', 'danger', 'approve'] as const

export const Variants: Story = {
  render: () => (
    <div className="flex flex-wrap items-center gap-3">
      {variants.map((variant) => (
        <Button key={variant} variant={variant}>
          <Play aria-hidden />
          {variant}
        </Button>
      ))}
    </div>
  ),
}

export const Sizes: Story = {
  render: () => (
    <div className="flex flex-wrap items-center gap-3">
      <Button size="sm">Small</Button>
      <Button>Medium</Button>
      <Button size="lg">Large</Button>
      <IconButton label="Refresh" icon={RefreshCw} size="sm" />
      <IconButton label="Settings" icon={Settings} />
    </div>
  ),
}

export const Disabled: Story = {
  render: () => (
    <div className="flex flex-wrap items-center gap-3">
      {variants.map((variant) => (
        <Button key={variant} variant={variant} disabled>
          {variant}
        </Button>
      ))}
    </div>
  ),
}

export const AsLink: Story = {
  render: () => (
    <Button asChild variant="secondary">
      <Link to="/nodes">All nodes</Link>
    </Button>
  ),
}

/** While work goes on it keeps width and focus, and a second click does nothing. */
export const IsLoading: Story = {
  globals: { theme: 'light' },
  args: { isLoading: true, children: 'Run on 3 nodes', onClick: fn() },
  play: async ({ canvasElement, args }) => {
    const button = within(canvasElement).getByRole('button', { name: 'Run on 3 nodes' })
    await expect(button).toHaveAttribute('aria-busy', 'true')
    await userEvent.click(button)
    await expect(args.onClick).not.toHaveBeenCalled()
  },
}
