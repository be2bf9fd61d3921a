import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, screen, userEvent, within } from 'storybook/test'
import { ago } from '../fixtures.ts'
import { RelativeTime } from './relative-time.tsx'

const meta = {
  title: 'ui/RelativeTime',
  component: RelativeTime,
  args: { at: ago(3) },
} satisfies Meta<typeof RelativeTime>
export default meta
type Story = StoryObj<typeof meta>

export const All: Story = {
  render: () => (
    <ul className="space-y-1">
      {[0, 0.5, 3, 90, 60 * 30, 60 * 24 * 20, -60 * 5].map((minutes) => (
        <li key={minutes}>
          <RelativeTime at={ago(minutes)} />
        </li>
      ))}
    </ul>
  ),
}

export const InGerman: Story = { ...All, globals: { locale: 'de' } }

/** The exact instant is there for the keyboard too. */
export const ExactOnFocus: Story = {
  globals: { theme: 'light' },
  args: { at: '2026-01-02T03:04:05.000Z' },
  render: (args) => (
    <div className="pt-8">
      <RelativeTime {...args} />
    </div>
  ),
  play: async ({ canvasElement }) => {
    const time = canvasElement.querySelector('time')
    await expect(time).toHaveAttribute('datetime', '2026-01-02T03:04:05.000Z')
    await userEvent.tab()
    await expect(time).toHaveFocus()
    await expect(await screen.findByRole('tooltip')).toHaveTextContent('2026')
    await expect(within(canvasElement).queryByText('Invalid Date')).toBeNull()
  },
}
