import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent } from 'storybook/test'
import type { AuditEntry } from '../../contract/audit.ts'
import { ago, executionIdOf, hostile, nodeIdOf, nodes, refusal } from '../fixtures.ts'
import { answering, signedInAs } from '../story-server.ts'
import { Toaster } from '../ui/toaster.tsx'
import { AuditTrail } from './page.tsx'

const lines: readonly Partial<AuditEntry>[] = [
  { action: 'command.ran', target: nodeIdOf(1), detail: { argv: ['df', '-h', hostile.html], rc: 0, ms: 12 } },
  { action: 'execution.queued', target: executionIdOf(1), ip: '192.168.1.20' },
  { action: 'session.refused', actor: 'anonymous', target: hostile.long, ip: '2001:db8::1' },
  { action: 'settings.changed', target: null, detail: { retentionDays: { before: 30, after: 60 } } },
  { action: 'session.refused', actor: `user:${hostile.rightToLeft}`, target: hostile.html },
  { action: 'audit.trimmed', actor: 'server', target: null },
  { action: 'token.created', actor: `token:${hostile.words}`, target: 'tok_01jd0000000000000000000001' },
]
const entries = lines.map((line, at) => ({
  seq: 100 - at,
  at: ago(at * 7),
  actor: 'user:anna',
  ip: null,
  detail: {},
  hash: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  ...line,
}))
const some = {
  'GET /audit': { items: entries, nextCursor: 'older' },
  'GET /nodes': { items: nodes, nextCursor: null },
}

const meta = {
  title: 'audit/AuditTrail',
  component: AuditTrail,
  args: { filters: {}, onFilter: fn(), onClear: fn() },
  parameters: { queries: [signedInAs('admin')] },
  beforeEach: () => answering(some),
} satisfies Meta<typeof AuditTrail>
export default meta
type Story = StoryObj<typeof meta>

export const Lines: Story = {}
export const Unfolded: Story = {
  globals: { theme: 'light' },
  play: async ({ canvas, args }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Details of command.ran' }))
    await expect(canvas.getByText(/"argv"/)).toBeVisible()
    await userEvent.click(canvas.getByRole('button', { name: 'settings.changed' }))
    await expect(args.onFilter).toHaveBeenCalledWith({ action: 'settings.changed' })
  },
}
export const Filtered: Story = { args: { filters: { action: 'node.changed', target: 'nas' } } }
export const NothingFits: Story = {
  args: { filters: { action: 'something.new' } },
  beforeEach: () => answering({ 'GET /audit': { items: [], nextCursor: null } }),
}
export const Loading: Story = { beforeEach: () => answering({ 'GET /audit': 'never' }) }
export const Failed: Story = { beforeEach: () => answering({ 'GET /audit': refusal('server.not_ready') }) }
export const Forbidden: Story = { parameters: { queries: [signedInAs('operator')] } }
export const Whole: Story = {
  globals: { theme: 'light' },
  beforeEach: () =>
    answering({
      ...some,
      'POST /audit/verify': { verdict: { sound: true, lines: 1234, checkpoints: 17 }, foreign: 0 },
    }),
  render: (args) => (
    <>
      <AuditTrail {...args} />
      <Toaster />
    </>
  ),
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Verify the trail' }))
    await expect(await canvas.findByText(/Lines gone through: 1,234/)).toBeVisible()
  },
}
export const Broken: Story = {
  globals: { theme: 'light' },
  beforeEach: () =>
    answering({
      ...some,
      'POST /audit/verify': { verdict: { sound: false, seq: 98, what: 'removed' }, foreign: 0 },
    }),
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Verify the trail' }))
    await expect(await canvas.findByRole('alert')).toHaveTextContent('Lines before line 98 were removed.')
  },
}
