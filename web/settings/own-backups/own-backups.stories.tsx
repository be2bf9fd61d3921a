import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, screen, userEvent } from 'storybook/test'
import type { OwnBackups } from '../../../contract/own-backups.ts'
import { ago, refusal } from '../../fixtures.ts'
import { answering, signedInAs } from '../../story-server.ts'
import { Toaster } from '../../ui/toaster.tsx'
import { OwnBackupSettings } from './own-backups.tsx'

const day = 60 * 24
const nas = 'bpl_01k0000000000000000000000a'
const bucket = 'bpl_01k0000000000000000000000b'
const fingerprint = 'SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDzeVrcgI0EyF6ZP3o'

const nameOf = (at: number, kind: string) => `carl-1f2e3d4c-2026112${at}T020000000Z-${kind}.carl`
const item = (at: number, more: object = {}) => ({
  name: nameOf(at, 'nightly'),
  kind: 'nightly',
  createdAt: ago((8 - at) * day),
  sizeBytes: 4_321_000 + at * 10_000,
  keyId: 'a91f',
  appVersion: '1.0.0',
  rows: 48_210,
  hasLogs: false,
  provedAt: null,
  isHere: true,
  placeIds: [nas, bucket],
  ...more,
})
const place = {
  id: nas,
  settings: {
    kind: 'sftp',
    host: 'nas.home.lan',
    port: 22,
    username: 'carl',
    folder: '/volume1/carl',
    hostKey: fingerprint,
  },
  createdAt: ago(90 * day),
  names: [nameOf(6, 'nightly'), nameOf(7, 'nightly')],
  lookedAt: ago(300),
  filledAt: ago(300),
  problem: null,
}
const drill = {
  id: 'bdr_01k0000000000000000000000a',
  at: ago(2 * day),
  name: nameOf(6, 'nightly'),
  placeId: nas,
  isProved: true,
  bytes: 21_400_000,
  rows: 48_190,
  tookMs: 1_840,
  problem: null,
}
const full = {
  rules: { isOn: true, hour: 2, hasLogs: false },
  items: [
    item(7),
    item(6, { provedAt: ago(2 * day) }),
    item(5),
    item(4, { isHere: false, placeIds: [bucket], sizeBytes: null, keyId: null }),
  ],
  places: [
    place,
    {
      ...place,
      id: bucket,
      settings: {
        kind: 's3',
        endpoint: 'https://s3.eu-central-1.amazonaws.com',
        region: 'eu-central-1',
        bucket: 'lab',
        prefix: 'carl/',
        accessKeyId: 'AKIALAB',
      },
    },
  ],
  drills: [drill],
  run: null,
  last: { at: ago(300), problem: null },
  nextAt: ago(-900),
  snapshots: [{ name: 'before-1.0.0-20261101T120000Z.db', createdAt: ago(26 * day), sizeBytes: 20_100_000 }],
  folder: '/data/backups',
} as unknown as OwnBackups

const refused = {
  code: 'own-backup.place_refused',
  title: 'The place for backups did not work',
  detail: 'S3 answered 403 AccessDenied.',
  fix: 'Check address, folder, rights and free space there, then test the place again.',
}
const key = {
  keyId: 'a91f',
  source: 'generated',
  place: '/data/keys/master.key',
  concerns: [],
  changedAt: null,
  rotation: null,
  kit: { state: 'downloaded', at: ago(90 * day), by: 'user:anna' },
}
const showing = (all: object, more: Parameters<typeof answering>[0] = {}) =>
  answering({ 'GET /own-backups': { ...full, ...all }, 'GET /master-key': key, ...more })

const meta = {
  title: 'settings/Backups of Carl',
  component: OwnBackupSettings,
  parameters: { queries: [signedInAs('admin')] },
  render: () => (
    <>
      <OwnBackupSettings />
      <Toaster />
    </>
  ),
  beforeEach: () => showing({}),
} satisfies Meta<typeof OwnBackupSettings>
export default meta
type Story = StoryObj<typeof meta>

export const Proved: Story = {}
export const Fresh: Story = {
  beforeEach: () =>
    showing(
      { items: [], places: [], drills: [], last: null, snapshots: [] },
      { 'GET /master-key': { ...key, kit: null } },
    ),
}
export const Running: Story = {
  globals: { theme: 'dark' },
  beforeEach: () =>
    showing({
      run: {
        work: 'backup',
        step: 'sealing',
        startedAt: ago(0),
        done: 13,
        total: 21,
        placeId: null,
        isCancelled: false,
      },
    }),
  play: async ({ canvas }) => {
    await expect(await canvas.findByRole('progressbar', { name: 'Encrypting' })).toHaveAttribute(
      'aria-valuenow',
      '62',
    )
    await expect(canvas.getByRole('button', { name: 'Cancel' })).toBeVisible()
  },
}
export const Failing: Story = {
  beforeEach: () =>
    showing({
      places: [{ ...full.places[0] }, { ...full.places[1], problem: refused }],
      drills: [
        {
          ...drill,
          isProved: false,
          problem: { ...refused, code: 'restore.damaged', detail: 'It ends too early, after 3 MiB.' },
        },
        drill,
      ],
      last: {
        at: ago(10),
        problem: {
          ...refused,
          code: 'storage.full',
          detail: 'A backup needs 58 MiB in /data; 12 MiB are free.',
        },
      },
    }),
}
export const Loading: Story = { beforeEach: () => answering({ 'GET /own-backups': 'never' }) }
export const Failed: Story = {
  beforeEach: () => answering({ 'GET /own-backups': refusal('server.not_ready') }),
}
export const AddsSftp: Story = {
  globals: { theme: 'light' },
  beforeEach: () =>
    showing(
      { places: [] },
      {
        'POST /own-backups/places': refusal(
          'own-backup.host_key_unknown',
          `The server shows ssh-ed25519 ${fingerprint}.`,
        ),
      },
    ),
  play: async ({ canvas }) => {
    const [add] = await canvas.findAllByRole('button', { name: 'Add a place' })
    if (add) await userEvent.click(add)
    await userEvent.click(await screen.findByRole('radio', { name: /SFTP/ }))
    await userEvent.type(screen.getByRole('textbox', { name: /^Host/ }), 'nas.home.lan')
    await userEvent.click(screen.getByRole('button', { name: 'Try and add' }))
    await expect(await screen.findByText(fingerprint)).toBeVisible()
    await expect(screen.getByRole('button', { name: 'Yes, go on' })).toBeVisible()
  },
}
