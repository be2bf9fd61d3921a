import type { Meta, StoryObj } from '@storybook/react-vite'
import { useState } from 'react'
import { expect, userEvent, within } from 'storybook/test'
import { TabPanel, Tabs } from './tabs.tsx'

const tabs = [
  { key: 'overview', label: 'Overview' },
  { key: 'findings', label: 'Findings', count: 12 },
  { key: 'log', label: 'Log', count: '1,204' },
  { key: 'commands', label: 'Commands' },
  { key: 'timeline', label: 'Timeline' },
] as const

function Example({ className }: { readonly className?: string }) {
  const [tab, setTab] = useState<(typeof tabs)[number]['key']>('overview')
  return (
    <Tabs
      label="Parts of the execution"
      tabs={tabs}
      value={tab}
      onChange={setTab}
      {...(className ? { className } : {})}
    >
      {tabs.map(({ key, label }) => (
        <TabPanel key={key} tab={key}>
          {label} of the execution.
        </TabPanel>
      ))}
    </Tabs>
  )
}

const meta = { title: 'ui/Tabs', component: Example } satisfies Meta<typeof Example>
export default meta
type Story = StoryObj<typeof meta>

export const Wide: Story = {}

/** On a phone the list scrolls sideways. */
export const Narrow: Story = { args: { className: 'w-64' } }

export const ByKeyboard: Story = {
  globals: { theme: 'light' },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    page.getByRole('tab', { name: 'Overview' }).focus()
    await userEvent.keyboard('{ArrowRight}')
    await expect(page.getByRole('tab', { name: /Findings/ })).toHaveFocus()
    await expect(page.getByRole('tabpanel')).toHaveTextContent('Findings of the execution.')
  },
}
