import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, screen, userEvent } from 'storybook/test'
import { ago, hostile, refusal } from '../fixtures.ts'
import { answering, signedInAs } from '../story-server.ts'
import { Toaster } from '../ui/toaster.tsx'
import { FactorsCard } from './factors.tsx'

const none = { hasPassword: true, totp: null, passkeys: [], recoveryCodesLeft: 0 }
const phone = {
  id: 'pky_01jd0000000000000000000001',
  name: 'Phone',
  host: 'localhost',
  createdAt: ago(90_000),
  lastUsedAt: ago(5),
}
const all = {
  hasPassword: true,
  totp: { createdAt: ago(50_000) },
  passkeys: [
    phone,
    {
      ...phone,
      id: 'pky_01jd0000000000000000000002',
      name: hostile.long,
      host: 'carl.lan',
      lastUsedAt: null,
    },
  ],
  recoveryCodesLeft: 7,
}
const recoveryCodes = Array.from({ length: 10 }, (_, at) => `kqw7m-3hxtn-b8ve${'abcdefghjk'[at]}`)
const begun = {
  token: 't',
  secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  uri: 'otpauth://totp/Carl:anna?issuer=Carl&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
}

const meta = {
  title: 'settings/Second factors',
  component: FactorsCard,
  parameters: { queries: [signedInAs('admin')] },
  render: () => (
    <>
      <FactorsCard />
      <Toaster />
    </>
  ),
  beforeEach: () => answering({ 'GET /account/factors': all }),
} satisfies Meta<typeof FactorsCard>
export default meta
type Story = StoryObj<typeof meta>

export const All: Story = {}
export const None: Story = { beforeEach: () => answering({ 'GET /account/factors': none }) }
export const Loading: Story = { beforeEach: () => answering({ 'GET /account/factors': 'never' }) }
export const Failed: Story = {
  beforeEach: () => answering({ 'GET /account/factors': refusal('server.not_ready') }),
}

const openApp: NonNullable<Story['play']> = async ({ canvas }) => {
  await userEvent.click(await canvas.findByRole('button', { name: 'Set up' }))
  await userEvent.type(await screen.findByRole('textbox', { name: 'Code of the app' }), '123456')
  await userEvent.click(screen.getByRole('button', { name: 'Turn on' }))
}

export const AppTurnedOn: Story = {
  globals: { theme: 'light' },
  beforeEach: () =>
    answering({
      'GET /account/factors': none,
      'POST /account/totp/begin': begun,
      'POST /account/totp': { recoveryCodes },
    }),
  play: async (context) => {
    await openApp(context)
    await expect(await screen.findByText(/kqw7m-3hxtn-b8vea/)).toBeVisible()
  },
}
export const WrongCode: Story = {
  globals: { theme: 'light' },
  beforeEach: () =>
    answering({
      'GET /account/factors': none,
      'POST /account/totp/begin': begun,
      'POST /account/totp': refusal('auth.wrong_code'),
    }),
  play: async (context) => {
    await openApp(context)
    await expect(await screen.findByText(/This code is wrong/)).toBeVisible()
  },
}
export const LastOneHasToStay: Story = {
  globals: { theme: 'light' },
  beforeEach: () =>
    answering({ 'GET /account/factors': all, 'DELETE /account/totp': refusal('auth.factor_required') }),
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Remove Authenticator app' }))
    await userEvent.click(await screen.findByRole('button', { name: 'Remove' }))
    await expect(await screen.findByText(/asks? you to have a second factor/)).toBeVisible()
  },
}
