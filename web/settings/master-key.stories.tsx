import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, screen, userEvent } from 'storybook/test'
import type { KeyStatus, RecoveryKit } from '../../contract/master-key.ts'
import { ago, hostile, refusal } from '../fixtures.ts'
import { answering, signedInAs } from '../story-server.ts'
import { Toaster } from '../ui/toaster.tsx'
import { MasterKeySettings } from './master-key.tsx'

const fresh: KeyStatus = {
  keyId: 'a91f',
  source: 'generated',
  place: '/data/keys/master.key',
  concerns: ['beside-data'],
  changedAt: null,
  rotation: null,
  kit: null,
}
const rotation = { from: 'a91f', to: '07c2', startedAt: ago(1), done: 34, total: 120, stalled: null }
const given: KeyStatus = {
  ...fresh,
  source: 'file',
  place: '/run/secrets/carl-master-key',
  concerns: [],
  changedAt: ago(60 * 24 * 40),
  kit: { state: 'downloaded', at: ago(60 * 24 * 39), by: 'user:anna' },
}
const kit: RecoveryKit = {
  instanceId: '3f0a1c52-9d0e-4a6b-8f2e-5b9a5f6c7d81',
  keyId: 'a91f',
  source: 'generated',
  key: 'c3RvcnkgdGV4dCwgbm8ga2V5IG9mIGFueSBzZXJ2ZXI=',
  place: '/data/keys/master.key',
  madeAt: ago(0),
}
const showing = (status: KeyStatus, more: Parameters<typeof answering>[0] = {}) =>
  answering({ 'GET /master-key': status, ...more })

const meta = {
  title: 'settings/Master key',
  component: MasterKeySettings,
  parameters: { queries: [signedInAs('admin')] },
  globals: { theme: 'light' },
  render: () => (
    <>
      <MasterKeySettings />
      <Toaster />
    </>
  ),
  beforeEach: () => showing(fresh),
} satisfies Meta<typeof MasterKeySettings>
export default meta
type Story = StoryObj<typeof meta>

export const BesideTheData: Story = {
  play: async ({ canvas }) => {
    await expect(await canvas.findByText('Beside the data')).toBeVisible()
    await expect(canvas.getByText('Not taken yet')).toBeVisible()
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const WellKept: Story = {
  beforeEach: () => showing(given),
  play: async ({ canvas }) => {
    await expect(await canvas.findByText('Well kept')).toBeVisible()
    await userEvent.click(canvas.getByRole('button', { name: 'Change the key' }))
    await expect(await screen.findByText(/Put a new one on a second line/)).toBeVisible()
  },
}
export const ReadableByOthers: Story = {
  beforeEach: () =>
    showing({ ...fresh, concerns: ['readable-by-others', 'beside-data'], place: `/srv/${hostile.long}` }),
  play: async ({ canvas }) => {
    await expect(await canvas.findByText('Others can read it')).toBeVisible()
  },
}
export const Declined: Story = {
  beforeEach: () => showing({ ...fresh, kit: { state: 'declined', at: ago(5), by: 'user:anna' } }),
}
export const Changing: Story = {
  beforeEach: () => showing({ ...fresh, rotation }),
  play: async ({ canvas }) => {
    await expect(await canvas.findByRole('progressbar')).toHaveAttribute('aria-valuenow', '28')
    await expect(canvas.getByRole('button', { name: 'Get the recovery kit' })).toBeDisabled()
  },
}
export const Stuck: Story = {
  beforeEach: () => showing({ ...fresh, rotation: { ...rotation, stalled: 'The disk is full.' } }),
}
export const Loading: Story = { beforeEach: () => answering({ 'GET /master-key': 'never' }) }
export const Failed: Story = {
  beforeEach: () => answering({ 'GET /master-key': refusal('server.not_ready') }),
}
export const ForOthers: Story = { parameters: { queries: [signedInAs('operator')] } }

export const KitShown: Story = {
  beforeEach: () => showing(fresh, { 'POST /master-key/recovery-kit': kit }),
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Get the recovery kit' }))
    const sheet = await screen.findByRole('region', { name: 'the recovery kit' })
    await expect(sheet).toHaveTextContent(kit.key ?? '')
    await expect(sheet).toHaveTextContent(kit.instanceId)
  },
}
export const KitWithoutKey: Story = {
  beforeEach: () =>
    showing(given, {
      'POST /master-key/recovery-kit': { ...kit, source: 'file', key: null, place: given.place },
    }),
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Get it again' }))
    const sheet = await screen.findByRole('region', { name: 'the recovery kit' })
    await expect(sheet).toHaveTextContent('The key is not on this page')
    await userEvent.click(screen.getByRole('button', { name: 'It is in a safe place' }))
    await expect(screen.queryByRole('region', { name: 'the recovery kit' })).toBeNull()
  },
}
export const PassphraseChosen: Story = {
  globals: { theme: 'dark' },
  beforeEach: () => showing(fresh, { 'POST /master-key/rotation': refusal('vault.passphrase_weak') }),
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Change the key' }))
    await userEvent.click(await screen.findByRole('radio', { name: /Closed with a passphrase/ }))
    await userEvent.type(screen.getByLabelText(/New passphrase/), 'one of them')
    await userEvent.type(screen.getByLabelText(/Once more/), 'another')
    const [, go] = screen.getAllByRole('button', { name: 'Change the key', hidden: true })
    await userEvent.click(go as HTMLElement)
    await expect(await screen.findByText('The two are not the same.')).toBeVisible()
  },
}
