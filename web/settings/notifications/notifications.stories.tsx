import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, screen, userEvent, within } from 'storybook/test'
import type { Channel, Delivery, NotificationRules } from '../../../contract/notifications.ts'
import { toProblem } from '../../../contract/errors.ts'
import { ago, hostile, refusal } from '../../fixtures.ts'
import { answering, signedInAs } from '../../story-server.ts'
import { Toaster } from '../../ui/toaster.tsx'
import { NotificationSettings } from './notifications.tsx'

const idOf = (kind: 'chn' | 'dlv', number: number) =>
  `${kind}_01jd00000000000000000000${String(number).padStart(2, '0')}`

const phone: Channel = {
  id: idOf('chn', 1) as Channel['id'],
  name: 'Phone',
  enabled: true,
  fallbackId: null,
  settings: { kind: 'ntfy', server: 'https://ntfy.home.lan', topic: 'carl' },
  secrets: ['token'],
  place: 'ntfy.home.lan',
  lastSentAt: ago(12),
  lastProblem: null,
  waiting: 0,
  updatedAt: ago(600),
}
const mail: Channel = {
  ...phone,
  id: idOf('chn', 2) as Channel['id'],
  name: 'Mail to all of us',
  fallbackId: phone.id,
  settings: {
    kind: 'email',
    host: 'mail.home.lan',
    port: 587,
    security: 'starttls',
    username: 'carl',
    from: 'carl@home.lan',
    to: ['anna@home.lan', 'ben@home.lan'],
  },
  secrets: ['password'],
  place: 'mail.home.lan:587',
  lastSentAt: ago(1_500),
  lastProblem: toProblem('outgoing.no_answer', 'mail.home.lan:587: ECONNREFUSED.'),
  waiting: 1,
}
const channels: readonly Channel[] = [
  phone,
  mail,
  {
    ...phone,
    id: idOf('chn', 3) as Channel['id'],
    name: hostile.long,
    settings: { kind: 'webhook' },
    secrets: ['secret', 'url'],
    place: 'automation.home.lan:5678',
    lastSentAt: null,
  },
  {
    ...phone,
    id: idOf('chn', 4) as Channel['id'],
    name: 'Browsers',
    enabled: false,
    settings: { kind: 'web-push' },
    secrets: [],
    place: null,
    lastSentAt: null,
  },
]

const rules: NotificationRules = {
  language: 'en',
  routes: [
    {
      kinds: ['finding.new', 'finding.worse', 'finding.recovered', 'run.failed', 'budget.reached'],
      least: 'warning',
      targets: [],
      agents: [],
      channelIds: [phone.id],
    },
    {
      kinds: ['approval.needed', 'schedule.overdue'],
      least: 'info',
      targets: ['tag:storage', 'nas-*'],
      agents: [],
      channelIds: [phone.id, mail.id],
    },
  ],
  zone: 'Europe/Berlin',
  quiet: { isOn: true, from: '22:00', to: '07:00', exceptCritical: true },
  report: { isOn: true, at: '07:30', channelIds: [mail.id] },
  groupSeconds: 60,
  repeatAfterMinutes: 60,
}

const sent: Delivery = {
  id: idOf('dlv', 1) as Delivery['id'],
  at: ago(12),
  channelId: phone.id,
  channelName: phone.name,
  channelKind: 'ntfy',
  state: 'sent',
  title: 'New on nas: /var is 97 % full',
  notices: 1,
  attempts: 1,
  nextAt: null,
  sentAt: ago(12),
  problem: null,
  insteadOf: null,
}
const deliveries: readonly Delivery[] = [
  {
    ...sent,
    id: idOf('dlv', 2) as Delivery['id'],
    channelName: mail.name,
    state: 'waiting',
    title: '5 things on 2 nodes, worst: Worse on docker-host: web-1 restarts again and again',
    notices: 5,
    attempts: 2,
    nextAt: ago(-8),
    sentAt: null,
    problem: mail.lastProblem,
  },
  sent,
  { ...sent, id: idOf('dlv', 3) as Delivery['id'], insteadOf: idOf('dlv', 4) as Delivery['id'], attempts: 2 },
  {
    ...sent,
    id: idOf('dlv', 4) as Delivery['id'],
    channelName: mail.name,
    state: 'handed-over',
    attempts: 3,
    sentAt: null,
    problem: mail.lastProblem,
  },
  {
    ...sent,
    id: idOf('dlv', 5) as Delivery['id'],
    state: 'failed',
    title: `New on pi: ${hostile.long}`,
    sentAt: null,
    problem: toProblem('channel.refused', 'It answered 403.'),
  },
]
const held = [
  { channelId: phone.id, channelName: phone.name, notices: 3, dueAt: ago(-300), why: 'quiet' },
  { channelId: mail.id, channelName: mail.name, notices: 12, dueAt: ago(20), why: 'behind' },
]

const state = { channels, rules, browsers: 2, canLink: true, nextReportAt: ago(-700) }
const answers = {
  'GET /notifications': state,
  'GET /notifications/deliveries': { items: deliveries, nextCursor: null, held },
  'GET /notifications/push': { isOn: true, publicKey: 'BPk' },
  'GET /metrics-token': { isOn: true, madeAt: ago(3_000) },
}
const nothing = {
  ...answers,
  'GET /notifications': {
    ...state,
    channels: [],
    rules: {
      ...rules,
      routes: [],
      quiet: { ...rules.quiet, isOn: false },
      report: { ...rules.report, isOn: false, channelIds: [] },
    },
  },
  'GET /notifications/deliveries': { items: [], nextCursor: null, held: [] },
  'GET /notifications/push': { isOn: false, publicKey: null },
  'GET /metrics-token': { isOn: false, madeAt: null },
}

const meta = {
  title: 'settings/Notifications',
  component: NotificationSettings,
  parameters: { queries: [signedInAs('admin')] },
  render: () => (
    <>
      <NotificationSettings />
      <Toaster />
    </>
  ),
  beforeEach: () => answering(answers),
} satisfies Meta<typeof NotificationSettings>
export default meta
type Story = StoryObj<typeof meta>

export const Some: Story = { globals: { theme: 'light' } }
export const Dark: Story = { globals: { theme: 'dark' } }
export const Nothing: Story = { beforeEach: () => answering(nothing) }
export const WithoutAddress: Story = {
  beforeEach: () => answering({ ...answers, 'GET /notifications': { ...state, canLink: false } }),
}
export const Loading: Story = {
  beforeEach: () =>
    answering({
      'GET /notifications': 'never',
    }),
}
export const Failed: Story = {
  beforeEach: () => answering({ ...answers, 'GET /notifications': refusal('server.not_ready') }),
}
export const LogFailed: Story = {
  beforeEach: () => answering({ ...answers, 'GET /notifications/deliveries': refusal('server.not_ready') }),
}
export const ReadOnly: Story = { parameters: { queries: [signedInAs('operator')] } }

export const AddedAfterATest: Story = {
  globals: { theme: 'light' },
  beforeEach: () =>
    answering({
      ...nothing,
      'POST /notifications/try': { isSent: true, problem: null, durationMs: 42 },
      'POST /notifications/channels': phone,
    }),
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Add channel' }))
    const dialog = within(await screen.findByRole('dialog'))
    await userEvent.type(dialog.getByLabelText(/Topic/), 'carl')
    await userEvent.click(dialog.getByRole('button', { name: 'Send a test' }))
    await expect(await dialog.findByText(/Taken by the other side in 42 ms/)).toBeVisible()
  },
}
export const Refused: Story = {
  globals: { theme: 'dark' },
  beforeEach: () =>
    answering({
      ...nothing,
      'POST /notifications/try': {
        isSent: false,
        problem: toProblem('outgoing.address_not_allowed', '127.0.0.1 leads to this machine itself.'),
        durationMs: 3,
      },
      'POST /notifications/channels': refusal('channel.name_taken'),
    }),
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Add channel' }))
    const dialog = within(await screen.findByRole('dialog'))
    await userEvent.selectOptions(dialog.getByLabelText(/Kind/), 'webhook')
    await expect(dialog.getByLabelText<HTMLInputElement>(/Signing secret/).value).toMatch(/^whsec_/)
    await userEvent.click(dialog.getByRole('button', { name: 'Send a test' }))
    await expect(await dialog.findByText(/leads to this machine itself/)).toBeVisible()
    await userEvent.click(dialog.getByRole('button', { name: 'Save' }))
    await expect(await dialog.findByText(/Another channel has this name/)).toBeVisible()
  },
}
export const ARouteIsChanged: Story = {
  globals: { theme: 'light' },
  beforeEach: () => answering({ ...answers, 'PUT /notifications/rules': rules }),
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Change route 1' }))
    for (const { name } of channels.slice(0, 1)) {
      const boxes = canvas.getAllByRole('checkbox', { name })
      await userEvent.click(boxes[0] as HTMLElement)
    }
    await expect(await canvas.findByText('Choose at least one event and one channel.')).toBeVisible()
    await expect(canvas.getByRole('button', { name: 'Save rules' })).toBeDisabled()
    await userEvent.click(canvas.getByRole('button', { name: 'Discard' }))
    await expect(canvas.queryByRole('button', { name: 'Save rules' })).toBeNull()
  },
}
