import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, within } from 'storybook/test'
import { hostile, refusal } from '../fixtures.ts'
import { answering } from '../story-server.ts'
import { CallbackPage } from './callback-page.tsx'
import { Door } from './login-page.tsx'
import { WelcomePage } from './welcome-page.tsx'

const byPassword = { password: true, provider: null, proxyUser: null }
const serving = (ways: object, answers: object = {}) =>
  answering({ 'GET /single-sign-on': { ...byPassword, ...ways }, ...answers })

async function typeIn(canvasElement: HTMLElement) {
  const page = within(canvasElement)
  await userEvent.type(await page.findByLabelText('Name'), 'anna')
  await userEvent.type(page.getByLabelText('Password'), 'a wrong guess')
  await userEvent.click(page.getByRole('button', { name: 'Sign in' }))
  return page
}

const meta = {
  title: 'account/Sign in',
  component: Door,
  args: { to: undefined, hasEnded: false },
  parameters: { isPage: true },
  globals: { theme: 'light' },
  beforeEach: () => serving({}),
} satisfies Meta<typeof Door>
export default meta
type Story = StoryObj<typeof meta>

export const ByPassword: Story = {
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByLabelText('Password')).toBeVisible()
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const InGerman: Story = { globals: { locale: 'de' } }
export const AfterTheSessionEnded: Story = { args: { hasEnded: true } }
export const LooksForWays: Story = {
  beforeEach: () => answering({ 'GET /single-sign-on': 'never' }),
}
export const ByAProviderToo: Story = { beforeEach: () => serving({ provider: 'Sign in with Authelia' }) }
export const ByAProviderAlone: Story = {
  beforeEach: () => serving({ provider: 'Sign in with Authelia', password: false }),
}
/** What is too long for its button is cut, and reaches out of nothing. */
export const OfAHostileName: Story = {
  beforeEach: () => serving({ provider: hostile.long }),
  play: async ({ canvasElement }) => {
    const button = await within(canvasElement).findByRole('button', { name: hostile.long })
    await expect(button.scrollWidth).toBeLessThanOrEqual(button.clientWidth)
  },
}
export const ByTheProxyInFront: Story = {
  beforeEach: () =>
    serving({ proxyUser: 'anna' }, { 'POST /single-sign-on/proxy': refusal('server.not_ready') }),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText(/starting or stopping/)).toBeVisible()
  },
}

export const Wrong: Story = {
  beforeEach: () => serving({}, { 'POST /session': refusal('auth.wrong_credentials') }),
  play: async ({ canvasElement }) => {
    const page = await typeIn(canvasElement)
    await expect(await page.findByText(/name or the password is wrong/)).toBeVisible()
  },
}
export const ServerAway: Story = {
  beforeEach: () => serving({}, { 'POST /session': refusal('server.not_ready') }),
  play: async ({ canvasElement }) => {
    const page = await typeIn(canvasElement)
    await expect(await page.findByText(/starting or stopping/)).toBeVisible()
  },
}

const halfWay = (ways: readonly string[]) => ({
  'POST /session': { kind: 'second-factor', token: 'half', ways },
})
export const SecondFactor: Story = {
  beforeEach: () => serving({}, halfWay(['totp', 'recovery-code'])),
  play: async ({ canvasElement }) => {
    const page = await typeIn(canvasElement)
    await expect(await page.findByLabelText('Code of the authenticator app')).toBeVisible()
  },
}
export const SecondFactorRefused: Story = {
  beforeEach: () =>
    serving(
      {},
      {
        ...halfWay(['totp', 'recovery-code']),
        'POST /session/second-factor': refusal('auth.wrong_code'),
      },
    ),
  play: async ({ canvasElement }) => {
    const page = await typeIn(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: /recovery code/i }))
    await userEvent.type(await page.findByRole('textbox'), 'nope')
    await userEvent.click(page.getByRole('button', { name: 'Go on' }))
    await expect(await page.findByRole('alert')).toBeVisible()
  },
}

/** A one-time link without its end, as when it was copied by halves. */
export const LinkByHalves: Story = { render: () => <WelcomePage /> }
/** Where the provider leads back to, without what it should have brought along. */
export const AnswerMissing: Story = { render: () => <CallbackPage /> }
