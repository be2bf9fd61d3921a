import type { Meta, StoryObj } from '@storybook/react-vite'
import { Link } from '@tanstack/react-router'
import { expect, within } from 'storybook/test'
import { executions } from '../fixtures.ts'
import { RunStrip } from './run-strip.tsx'

const runs = executions
  .map(({ id, state, nodeName }) => ({ id, state, label: `System Health on ${nodeName}` }))
  .toReversed()

const meta = { title: 'ui/RunStrip', component: RunStrip, args: { runs } } satisfies Meta<typeof RunStrip>
export default meta
type Story = StoryObj<typeof meta>

export const Bars: Story = {}

export const Links: Story = {
  args: {
    renderLink: (run, props) => <Link to="/executions/$id" params={{ id: run.id }} {...(props as object)} />,
  },
}

export const None: Story = { args: { runs: [] } }

/** Each bar says what it was, also to those who do not see it. */
export const Names: Story = {
  globals: { theme: 'dark' },
  play: async ({ canvasElement }) => {
    const strip = within(canvasElement)
    await expect(strip.getByRole('list')).toHaveAccessibleName(/The last 11 executions/)
    await expect(strip.getByRole('img', { name: /^Failed: System Health on/ })).toBeVisible()
  },
}
