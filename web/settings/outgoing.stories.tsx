import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, screen, userEvent } from 'storybook/test'
import { ago, hostile, refusal } from '../fixtures.ts'
import { answering, type Asked, signedInAs } from '../story-server.ts'
import { Toaster } from '../ui/toaster.tsx'
import { defaults } from './general-rules.ts'
import { OutgoingSettings } from './outgoing.tsx'

const provider = {
  purpose: 'sign-in',
  host: 'id.home.lan:9091',
  isAllowed: true,
  lastAt: ago(4),
  lastResult: { status: 200 },
}
const items = [
  provider,
  {
    ...provider,
    purpose: 'model',
    host: 'localhost:11434',
    isAllowed: false,
    lastResult: { code: 'outgoing.address_not_allowed' },
  },
  { ...provider, purpose: 'notification', host: 'ntfy.home.lan', lastAt: null, lastResult: null },
  { ...provider, purpose: 'update', host: hostile.long, lastResult: { code: 'outgoing.not_trusted' } },
]
const answers = {
  'GET /settings': { ...defaults, outgoingHosts: ['id.home.lan:9091'] },
  'GET /outgoing': { purposes: ['sign-in', 'model'], items },
  'PATCH /settings': ({ body }: Asked) => ({ ...defaults, ...(body as object) }),
}

const meta = {
  title: 'settings/What we talk to',
  component: OutgoingSettings,
  parameters: { queries: [signedInAs('admin')] },
  render: () => (
    <>
      <OutgoingSettings />
      <Toaster />
    </>
  ),
  beforeEach: () => answering(answers),
} satisfies Meta<typeof OutgoingSettings>
export default meta
type Story = StoryObj<typeof meta>

export const Some: Story = {}
export const Strict: Story = {
  beforeEach: () => answering({ ...answers, 'GET /settings': { ...defaults, outgoing: 'strict' } }),
}
export const Nothing: Story = {
  beforeEach: () => answering({ ...answers, 'GET /outgoing': { purposes: [], items: [] } }),
}
export const Loading: Story = {
  beforeEach: () => answering({ 'GET /settings': 'never', 'GET /outgoing': 'never' }),
}
export const Failed: Story = {
  beforeEach: () => answering({ ...answers, 'GET /outgoing': refusal('server.not_ready') }),
}
export const Allowed: Story = {
  globals: { theme: 'light' },
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Allow localhost:11434' }))
    await expect(await screen.findByText(/Allow it only if/)).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Allow' }))
    await expect(await screen.findByText('The rules are saved and in force')).toBeVisible()
    await expect(canvas.getByRole('textbox')).toHaveValue('id.home.lan:9091\nlocalhost:11434')
  },
}
export const NoHost: Story = {
  globals: { theme: 'dark' },
  play: async ({ canvas }) => {
    await userEvent.type(await canvas.findByRole('textbox'), '\nhttps://id.home.lan/')
    await expect(canvas.getByText(/“https:\/\/id.home.lan\/” is no host/)).toBeVisible()
  },
}
