import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import type { AgentId } from '../../contract/ids.ts'
import type { SearchGroup, SearchKind } from '../../contract/search.ts'
import { ago, executionIdOf, hostile, nodeIdOf, refusal, sampleIdOf } from '../fixtures.ts'
import { type Asked, answering, aServer, signedInAs } from '../story-server.ts'
import { SearchView } from './page.tsx'

const agentId = 'system-health' as AgentId
const nas = { nodeId: nodeIdOf(1), nodeName: 'nas' }
const found: Record<SearchKind, SearchGroup['items']> = {
  node: [{ kind: 'node', ...nas, text: 'sda1.lan · Debian 12', tags: ['storage', 'cellar'] }],
  finding: [
    {
      kind: 'finding',
      ...nas,
      agentId,
      key: 'disk.smart:/dev/sda1',
      severity: 'critical',
      title: 'sda1 has 24 sectors that cannot be read',
      text: 'Copy what matters elsewhere, then replace the disk. See smartctl -a /dev/sda1.',
      isOpen: true,
      executionId: executionIdOf(1),
      at: ago(90),
    },
    {
      kind: 'finding',
      ...nas,
      agentId,
      key: 'mount.missing:/srv',
      severity: 'warning',
      title: '/srv on sda1 is not mounted',
      text: 'mount.missing:/srv',
      isOpen: false,
      executionId: executionIdOf(2),
      at: ago(9_000),
    },
  ],
  fact: [
    {
      kind: 'fact',
      ...nas,
      agentId,
      executionId: executionIdOf(1),
      path: 'disks[/srv].source',
      text: '/dev/sda1',
      at: ago(90),
    },
  ],
  log: [
    {
      kind: 'log',
      ...nas,
      agentId,
      executionId: executionIdOf(1),
      seq: 118,
      stream: 'err',
      text: `blk_update_request: I/O error, dev sda1, sector 208 ${hostile.html}`,
      at: ago(90),
    },
  ],
  audit: [],
}
const ends: Partial<Record<SearchKind, Partial<SearchGroup>>> = {
  log: { nextCursor: 'on', lookedBackTo: ago(60_000) },
  audit: { nextCursor: 'on', lookedBackTo: ago(600_000) },
}
const serving = (answers: object = {}) =>
  answering({
    ...aServer(),
    'GET /search': ({ query }: Asked) => {
      const kind = query.get('kind') as SearchKind
      return { groups: [{ kind, items: found[kind], nextCursor: null, lookedBackTo: null, ...ends[kind] }] }
    },
    ...answers,
  })

const meta = {
  title: 'search/SearchView',
  component: SearchView,
  args: { text: 'sda1', kind: undefined, onChange: fn() },
  parameters: { queries: [signedInAs('admin')] },
  globals: { theme: 'light' },
  beforeEach: () => serving(),
} satisfies Meta<typeof SearchView>
export default meta
type Story = StoryObj<typeof meta>

export const Everything: Story = {
  play: async ({ canvasElement, args }) => {
    const page = within(canvasElement)
    const logs = within(await page.findByRole('region', { name: 'Logs' }))
    await expect(await logs.findByText('sda1', { selector: 'mark' })).toBeVisible()
    await userEvent.click(await logs.findByRole('button', { name: /Show all/ }))
    await waitFor(() => expect(args.onChange).toHaveBeenCalledWith({ kind: 'log' }))
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const OneKind: Story = { args: { kind: 'log' } }
export const NothingTypedYet: Story = { args: { text: '' } }
/** What is made up says so wherever it is found. */
export const OfSamples: Story = {
  beforeEach: () =>
    serving({
      'GET /search': ({ query }: Asked) => {
        const kind = query.get('kind') as SearchKind
        const items = found[kind].map((hit) => ({
          ...hit,
          nodeId: sampleIdOf('nod', 1),
          nodeName: 'sample-nas',
        }))
        return { groups: [{ kind, items, nextCursor: null, lookedBackTo: null }] }
      },
    }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    for (const name of ['Nodes', 'Findings', 'Facts', 'Logs']) {
      const group = within(await page.findByRole('region', { name }))
      await expect((await group.findAllByText('Sample'))[0]).toBeVisible()
    }
  },
}
export const NothingFound: Story = {
  beforeEach: () =>
    serving({
      'GET /search': ({ query }: Asked) => ({
        groups: [{ kind: query.get('kind'), items: [], nextCursor: null, lookedBackTo: null }],
      }),
    }),
}
export const Loads: Story = { beforeEach: () => serving({ 'GET /search': 'never' }) }
export const Broken: Story = {
  beforeEach: () => serving({ 'GET /search': refusal('server.no_answer', 'Nothing answers.') }),
}
/** The audit trail is for administrators. */
export const ForViewers: Story = {
  parameters: { queries: [signedInAs('viewer')] },
  play: async ({ canvasElement }) => {
    await expect(within(canvasElement).queryByRole('button', { name: 'Audit trail' })).toBeNull()
  },
}
