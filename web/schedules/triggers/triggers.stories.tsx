import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, within } from 'storybook/test'
import { refusal } from '../../fixtures.ts'
import { answering, aServer, signedInAs } from '../../story-server.ts'
import { TriggerForm } from './form.tsx'
import { HookShown } from './hook-shown.tsx'
import { TriggersPage } from './list-page.tsx'
import { TriggerView } from './page.tsx'
import { aTrigger, firings, refused, triggers } from './samples.ts'

const trigger = aTrigger()
const path = `/triggers/${trigger.id}`
const serving = (answers: object = {}) =>
  answering({
    ...aServer(),
    'GET /triggers': { items: triggers },
    [`GET ${path}`]: trigger,
    [`GET ${path}/firings`]: { items: firings, nextCursor: null },
    ...answers,
  })

const meta = {
  title: 'schedules/Triggers',
  component: TriggersPage,
  parameters: { queries: [signedInAs('operator')] },
  beforeEach: () => serving(),
  globals: { theme: 'light' },
} satisfies Meta<typeof TriggersPage>
export default meta
type Story = StoryObj<typeof meta>

export const List: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByRole('link', { name: 'Tidy up when a disk fills' })).toBeVisible()
    await expect(page.getByText('When a finding is new or worse, from High on')).toBeVisible()
    await expect(page.getByText('Held back')).toBeVisible()
  },
}
export const ListDark: Story = { globals: { theme: 'dark' } }
export const Broken: Story = {
  beforeEach: () => serving({ 'GET /triggers': refusal('server.no_answer', 'Nothing answers.') }),
}
export const Empty: Story = {
  beforeEach: () => serving({ 'GET /triggers': { items: [] } }),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText('Nothing waits for anything yet')).toBeVisible()
  },
}
export const ForAViewer: Story = {
  parameters: { queries: [signedInAs('viewer')] },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await page.findByText('Tidy up when a disk fills')
    await expect(page.queryByRole('link', { name: 'New trigger' })).toBeNull()
  },
}

export const One: Story = {
  render: () => <TriggerView id={trigger.id} />,
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByText('It had fired shortly before.', { exact: false })).toBeVisible()
    // Why it did not fire, of what nearly fitted and of what could not be started.
    await expect(page.getByText('Left out, because it was too mild:', { exact: false })).toBeVisible()
    await expect(page.getByText('nas: The node is paused.', { exact: false })).toBeVisible()
  },
}
export const Refused: Story = {
  render: () => <TriggerView id={trigger.id} />,
  beforeEach: () => serving({ [`GET ${path}`]: aTrigger({ last: refused }) }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByText('What came last was refused')).toBeVisible()
    await expect(page.getByRole('link', { name: 'Change' })).toBeVisible()
  },
}
export const OneDark: Story = { ...One, globals: { theme: 'dark' } }
export const Gone: Story = {
  render: () => <TriggerView id={trigger.id} />,
  beforeEach: () => serving({ [`GET ${path}`]: refusal('trigger.not_found', 'There is no such trigger.') }),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText('There is no such trigger')).toBeVisible()
  },
}

export const Form: Story = {
  render: () => <TriggerForm onSaved={fn()} onCancel={fn()} />,
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: 'New trigger' }))
    await expect(await page.findByText('Give it a name')).toBeVisible()
    // What is called from elsewhere has no node of its own.
    await userEvent.click(page.getByRole('radio', { name: /A call from elsewhere/ }))
    await expect(page.queryByRole('radio', { name: /Where it happened/ })).toBeNull()
    await expect(page.getByText('Choose at least one node')).toBeVisible()
    await userEvent.click(page.getByRole('radio', { name: /A disk fills/ }))
    await expect(page.getByLabelText(/Per cent used/)).toHaveValue('90')
  },
}
export const FormDark: Story = {
  render: () => <TriggerForm trigger={trigger} onSaved={fn()} onCancel={fn()} />,
  globals: { theme: 'dark' },
}
export const Address: Story = {
  render: () => (
    <HookShown
      hook={{ path: `/api/v1/hooks/${'x'.repeat(43)}`, key: `whsec_${'A'.repeat(43)}=` }}
      onClose={fn()}
    />
  ),
  play: async () => {
    const dialog = within(await within(document.body).findByRole('dialog'))
    await expect(dialog.getByRole('button', { name: 'I have copied them' })).toBeVisible()
    // What would lose them for good is not offered.
    await expect(dialog.queryByRole('button', { name: 'Close' })).toBeNull()
  },
}
