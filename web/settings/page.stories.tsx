import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, screen, userEvent, waitFor } from 'storybook/test'
import { ago, hostile, refusal } from '../fixtures.ts'
import { answering, signedInAs } from '../story-server.ts'
import { AboutSettings } from './about.tsx'
import { AccountSettings } from './account.tsx'
import { AppearanceSettings } from './appearance.tsx'
import { GeneralSettings } from './general.tsx'
import { defaults } from './general-rules.ts'
import { TokenSettings } from './tokens.tsx'

const sessions = [
  {
    id: 'ses_01jd0000000000000000000001',
    current: true,
    ip: '192.168.1.20',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    createdAt: ago(300),
    lastSeenAt: ago(1),
    expiresAt: ago(-480),
  },
  {
    id: 'ses_01jd0000000000000000000002',
    current: false,
    ip: '2001:db8::1',
    userAgent: hostile.html,
    createdAt: ago(9_000),
    lastSeenAt: ago(700),
    expiresAt: ago(-60),
  },
]
const token = {
  id: 'tok_01jd0000000000000000000001',
  name: 'backup script',
  prefix: 'carl_bgn0xj',
  role: 'operator',
  createdAt: ago(90_000),
  expiresAt: null,
  lastUsedAt: ago(30),
}
const tokens = [
  token,
  {
    ...token,
    id: 'tok_01jd0000000000000000000002',
    name: hostile.long,
    expiresAt: ago(60),
    lastUsedAt: null,
  },
  {
    ...token,
    id: 'tok_01jd0000000000000000000003',
    name: hostile.rightToLeft,
    role: 'viewer',
    expiresAt: ago(-9_000),
  },
]

const answers = {
  'GET /settings': defaults,
  'GET /account/sessions': { items: sessions },
  'GET /account/factors': { hasPassword: true, totp: null, passkeys: [], recoveryCodesLeft: 0 },
  'GET /account/tokens': { items: tokens },
  'GET /version': { name: 'claude-agent-runner-lite', version: '0.1.0' },
  'POST /account/tokens': { token, text: `carl_${'x'.repeat(43)}` },
  'PUT /account/password': refusal('auth.password_too_weak', 'This is one of the most common passwords.'),
}

const meta = {
  title: 'settings/Settings',
  component: GeneralSettings,
  parameters: { queries: [signedInAs('admin')] },
  beforeEach: () => answering(answers),
} satisfies Meta
export default meta
type Story = StoryObj<typeof meta>

export const General: Story = {}
export const GeneralReadOnly: Story = { parameters: { queries: [signedInAs('viewer')] } }
export const GeneralLoading: Story = { beforeEach: () => answering({ 'GET /settings': 'never' }) }
export const GeneralFailed: Story = {
  beforeEach: () => answering({ 'GET /settings': refusal('server.not_ready') }),
}
export const GeneralUnsaved: Story = {
  globals: { theme: 'light' },
  play: async ({ canvas }) => {
    const days = await canvas.findByRole('textbox', { name: /Executions, logs and metrics/ })
    await userEvent.clear(days)
    await userEvent.type(days, '0')
    await expect(canvas.getByText('Between 1 and 3,650.')).toBeVisible()
    await userEvent.clear(days)
    await userEvent.type(days, '60')
    await expect(canvas.getByText('1 change is not saved')).toBeVisible()
    const networks = canvas.getByRole('textbox', { name: /Allowed networks/ })
    await userEvent.type(networks, '{End}{Enter}my lan')
    await expect(canvas.getByText(/“my lan” is no network/)).toBeVisible()
    // Saving leads to what is wrong first.
    await userEvent.click(canvas.getByRole('button', { name: 'Save' }))
    await expect(networks).toHaveFocus()
    await userEvent.click(canvas.getByRole('button', { name: 'Discard' }))
    await expect(days).toHaveValue('30')
  },
}

export const Account: Story = { render: () => <AccountSettings /> }
export const AccountWeakPassword: Story = {
  globals: { theme: 'light' },
  render: () => <AccountSettings />,
  play: async ({ canvas }) => {
    await userEvent.type(canvas.getByLabelText('Current password'), 'old')
    await userEvent.type(canvas.getByLabelText('New password'), 'password1234')
    await userEvent.click(canvas.getByRole('button', { name: 'Change password' }))
    await expect(await canvas.findByText('This is one of the most common passwords.')).toBeVisible()
  },
}

export const Tokens: Story = { render: () => <TokenSettings /> }
export const NoTokens: Story = {
  render: () => <TokenSettings />,
  beforeEach: () => answering({ ...answers, 'GET /account/tokens': { items: [] } }),
}
export const MakingAToken: Story = {
  globals: { theme: 'light' },
  render: () => <TokenSettings />,
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'New token' }))
    await userEvent.type(await screen.findByRole('textbox', { name: /Name/ }), 'nightly')
    await userEvent.click(screen.getByRole('radio', { name: /Viewer/ }))
    await userEvent.selectOptions(screen.getByRole('combobox', { name: /Expires/ }), 'In 30 days')
    await userEvent.keyboard('{Enter}')
    await userEvent.click(screen.getByRole('button', { name: 'Make token' }))
    await waitFor(() => expect(screen.getByText('Copy the token now')).toBeVisible())
    // A slip beside the dialog must not lose what is shown once.
    await userEvent.keyboard('{Escape}')
    await expect(screen.getByText('Copy the token now')).toBeVisible()
  },
}

export const Appearance: Story = { globals: { theme: 'light' }, render: () => <AppearanceSettings /> }
export const About: Story = { render: () => <AboutSettings /> }
