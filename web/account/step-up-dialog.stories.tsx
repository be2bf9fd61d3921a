import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, screen, userEvent } from 'storybook/test'
import { ago, refusal } from '../fixtures.ts'
import { answering, signedInAs } from '../story-server.ts'
import { StepUpDialog } from './step-up-dialog.tsx'

const password = { hasPassword: true, totp: null, passkeys: [], recoveryCodesLeft: 0 }
const app = { ...password, totp: { createdAt: ago(50_000) } }
const nothing = { ...password, hasPassword: false }

const meta = {
  title: 'account/Proof of presence',
  component: StepUpDialog,
  args: { onDone: fn() },
  parameters: { queries: [signedInAs('admin')] },
  beforeEach: () => answering({ 'GET /account/factors': password }),
} satisfies Meta<typeof StepUpDialog>
export default meta
type Story = StoryObj<typeof meta>

export const ByPassword: Story = {}
export const ByApp: Story = { beforeEach: () => answering({ 'GET /account/factors': app }) }
export const WithNothing: Story = { beforeEach: () => answering({ 'GET /account/factors': nothing }) }
export const Loading: Story = { beforeEach: () => answering({ 'GET /account/factors': 'never' }) }
export const Failed: Story = {
  beforeEach: () => answering({ 'GET /account/factors': refusal('server.not_ready') }),
}

export const Wrong: Story = {
  globals: { theme: 'light' },
  beforeEach: () =>
    answering({
      'GET /account/factors': password,
      'POST /account/presence/password': refusal('auth.wrong_credentials'),
    }),
  play: async ({ args }) => {
    await userEvent.type(await screen.findByLabelText('Password'), 'a guess')
    await userEvent.click(screen.getByRole('button', { name: 'Confirm' }))
    await expect(await screen.findByText(/name or the password is wrong/)).toBeVisible()
    await expect(args.onDone).not.toHaveBeenCalled()
  },
}
export const Proven: Story = {
  globals: { theme: 'light' },
  beforeEach: () =>
    answering({
      'GET /account/factors': app,
      'POST /account/presence/code': { until: ago(-5) },
    }),
  play: async ({ args }) => {
    await userEvent.type(await screen.findByLabelText(/Code of the authenticator app/), '123 456')
    await userEvent.click(screen.getByRole('button', { name: 'Confirm' }))
    await expect(args.onDone).toHaveBeenCalledWith(true)
  },
}
