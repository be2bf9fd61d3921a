import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, screen, userEvent, within } from 'storybook/test'
import { hostile, refusal } from '../../fixtures.ts'
import { answering, type Asked, signedInAs } from '../../story-server.ts'
import { Toaster } from '../../ui/toaster.tsx'
import { ConfigurationCard } from './configuration.tsx'

const common = { differences: [], warnings: [], problem: null, firstPassword: null }
const missing = {
  code: 'configuration.secret_missing',
  title: 'A secret is missing',
  detail: 'Needed is channel/ops/url.',
  fix: 'Give it along under the name in the detail, or make this by hand.',
}
const items = [
  {
    ...common,
    kind: 'settings',
    name: null,
    line: 1,
    change: 'changed',
    differences: [{ path: 'maxExecutions', before: '30', after: '12' }],
  },
  {
    ...common,
    kind: 'node',
    name: 'nas',
    line: 4,
    change: 'new',
    differences: [
      { path: 'host', before: null, after: '192.168.1.5' },
      { path: 'tags', before: null, after: hostile.long },
    ],
    warnings: ['Its host key is not confirmed yet: test it, compare, and say so.'],
  },
  { ...common, kind: 'channel', name: 'ops', line: 12, change: 'new', problem: missing },
  { ...common, kind: 'schedule', name: 'Night', line: 20, change: 'same' },
]

/** With the secret that is named, the channel is made. */
const apply = ({ body }: Asked) => {
  const { secrets, dryRun } = body as { secrets: Record<string, string>; dryRun: boolean }
  const isGiven = secrets['channel/ops/url'] !== undefined
  const seen = items.map((one) => (isGiven ? { ...one, problem: null } : one))
  const anna = {
    ...common,
    kind: 'user',
    name: 'anna',
    line: 30,
    change: 'new',
    firstPassword: 'only shown once',
  }
  return { items: dryRun ? seen : [...seen, anna] }
}

const meta = {
  title: 'settings/Configuration as code',
  component: ConfigurationCard,
  parameters: { queries: [signedInAs('admin')] },
  render: () => (
    <>
      <ConfigurationCard />
      <Toaster />
    </>
  ),
  beforeEach: () => answering({ 'POST /configuration': apply }),
} satisfies Meta<typeof ConfigurationCard>
export default meta
type Story = StoryObj<typeof meta>

export const Empty: Story = {}

export const Applied: Story = {
  globals: { theme: 'light' },
  play: async ({ canvas }) => {
    await userEvent.type(canvas.getByRole('textbox', { name: /Documents/ }), 'kind: settings')
    await userEvent.click(canvas.getByRole('button', { name: 'Show the difference' }))
    const difference = within(await canvas.findByRole('region', { name: 'What it would change' }))
    await expect(difference.getByText('12')).toBeVisible()
    await expect(difference.getByText(/Needed is channel\/ops\/url/)).toBeVisible()
    await expect(difference.getByText('1 more is as the text says.')).toBeVisible()

    await userEvent.type(
      canvas.getByRole('textbox', { name: /Secrets/ }),
      'channel/ops/url: https://a.example',
    )
    await userEvent.click(canvas.getByRole('button', { name: 'Show the difference' }))
    await userEvent.click(await canvas.findByRole('button', { name: 'Apply 3 changes' }))
    await expect(await canvas.findByText('only shown once')).toBeVisible()
    await expect(await screen.findByText('4 changes are applied')).toBeVisible()
    // A secret stays on the screen no longer than it is needed.
    await expect(canvas.getByRole('textbox', { name: /Secrets/ })).toHaveValue('')
  },
}

export const Wrong: Story = {
  globals: { theme: 'dark' },
  beforeEach: () => answering({ 'POST /configuration': refusal('configuration.invalid') }),
  play: async ({ canvas }) => {
    await userEvent.type(canvas.getByRole('textbox', { name: /Documents/ }), 'kind: hat')
    await userEvent.click(canvas.getByRole('button', { name: 'Show the difference' }))
    await expect(await canvas.findByText(/This is no document of a configuration/)).toBeVisible()
    await userEvent.type(canvas.getByRole('textbox', { name: /Secrets/ }), 'no name')
    await expect(canvas.getByText(/Line 1 is no name/)).toBeVisible()
    await expect(canvas.getByRole('button', { name: 'Show the difference' })).toBeDisabled()
  },
}
