import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, within } from 'storybook/test'
import { hostile } from '../fixtures.ts'
import { Card } from '../ui/card.tsx'
import { FactsTree } from './facts-tree.tsx'
import { sampleFacts } from './report/sample-facts.ts'

const meta = {
  title: 'executions/FactsTree',
  component: FactsTree,
  args: { facts: sampleFacts },
  render: (args) => (
    <Card>
      <FactsTree {...args} />
    </Card>
  ),
} satisfies Meta<typeof FactsTree>
export default meta
type Story = StoryObj<typeof meta>

export const Folded: Story = {}
export const OpenedAtOnePart: Story = { args: { focus: 'load' } }
export const None: Story = { args: { facts: {} } }
export const Hostile: Story = {
  args: {
    facts: {
      [hostile.html]: hostile.html,
      [hostile.rightToLeft]: { [hostile.long]: hostile.emoji },
      list: Array.from({ length: 1_000 }, (_, index) => ({
        name: `item ${index}`,
        control: hostile.control,
      })),
    },
  },
}
export const Searched: Story = {
  globals: { theme: 'light' },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.type(page.getByRole('textbox', { name: 'Search facts' }), '16.7 gb')
    await expect(await page.findByText('load › memory › total')).toBeVisible()
  },
}
