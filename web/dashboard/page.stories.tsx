import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, screen, userEvent, waitFor, within } from 'storybook/test'
import { toProblem } from '../../contract/errors.ts'
import {
  aFinding,
  ago,
  aNode,
  aNodeKey,
  anExecution,
  aRotation,
  budgets,
  costSummary,
  executionIdOf,
  executions,
  findings,
  nodeIdOf,
  nodes,
  refusal,
  repositories,
  sampleIdOf,
} from '../fixtures.ts'
import { type Asked, answering, aServer, signedInAs } from '../story-server.ts'
import { setPreferences } from '../lib/preferences.ts'
import { DashboardPage } from './page.tsx'

const meters = {
  items: nodes.slice(0, 3).flatMap(({ id }, place) => [
    {
      nodeId: id,
      name: 'disk.used_pct',
      value: [41, 93, 99][place] ?? 0,
      unit: '%',
      labels: { mount: '/var' },
      at: ago(3),
    },
    { nodeId: id, name: 'memory.used_pct', value: 38 + place * 20, unit: '%', labels: {}, at: ago(3) },
  ]),
}
const severe = ({ query }: Asked) => ({
  items: findings.filter(({ severity, state }) => severity === query.get('severity') && state !== 'resolved'),
  nextCursor: null,
})
/** What the cards ask for that come behind the first view. */
const around = {
  'GET /keys': { items: [] },
  'GET /forecasts/disks': {
    items: [
      { mount: '/var', days: 4, usedPercent: 93, confidence: 'high' },
      { mount: '/srv/photos', days: 21, usedPercent: 78, confidence: 'medium' },
      { mount: '/', days: 140, usedPercent: 61, confidence: 'medium' },
    ].map(({ days, ...rest }, place) => ({
      nodeId: nodeIdOf(place + 1),
      nodeName: nodes[place]?.name ?? '',
      executionId: executionIdOf(place + 1),
      fullAt: ago(-days * 1_440),
      at: ago(60),
      ...rest,
    })),
  },
  'GET /changes': {
    items: ['/var grew from 61 % to 74 %', 'A new service listens on port 8443'].map((text, place) => ({
      executionId: executionIdOf(place + 1),
      nodeId: nodeIdOf(place + 1),
      nodeName: nodes[place]?.name ?? '',
      agentId: 'system-health',
      at: ago(90 * (place + 1)),
      changes: Array.from({ length: place + 1 }, () => ({
        path: text,
        kind: 'changed',
        before: null,
        after: null,
        text,
      })),
    })),
    nextCursor: null,
  },
  'GET /costs/summary': costSummary,
  'GET /costs/budgets': budgets,
  'GET /schedules/calendar': {
    past: [],
    coming: [1, 7, 26].map((hours) => ({
      scheduleId: `sch_${'0'.repeat(26)}`,
      at: ago(-hours * 60),
      dueAt: ago(-hours * 60),
      wall: '2026-11-27T02:30',
      shift: null,
      isBlackedOut: false,
    })),
    schedules: [{ id: `sch_${'0'.repeat(26)}`, name: 'Nightly check of everything' }],
    isCut: false,
  },
  'GET /repositories': { items: repositories },
}
const aHome = (given?: Parameters<typeof aServer>[0]) => ({ ...around, ...aServer(given) })
const full = { ...aHome(), 'GET /metrics/latest': meters, 'GET /findings': severe }
const quiet = [aNode(), aNode({ id: nodeIdOf(2), name: 'pve1' })]

const meta = {
  title: 'dashboard/DashboardPage',
  component: DashboardPage,
  parameters: { queries: [signedInAs('admin')], isPage: true },
  beforeEach: () => answering(full),
  globals: { theme: 'light' },
  render: () => (
    <div className="p-6">
      <DashboardPage />
    </div>
  ),
} satisfies Meta<typeof DashboardPage>
export default meta
type Story = StoryObj<typeof meta>

export const Usual: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByRole('region', { name: 'Needs you' })).toBeVisible()
    await expect((await page.findAllByRole('meter', { name: 'Disk /var' })).length).toBe(3)
  },
}
/** Whoever does not care for a card hides it, and moves the others; without a mouse as well. */
export const Arranged: Story = {
  beforeEach: () => {
    setPreferences({ dashboard: { order: [], hidden: [] } })
    const stop = answering(full)
    return () => {
      setPreferences({ dashboard: { order: [], hidden: [] } })
      stop()
    }
  },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    // It comes once the browser has nothing else to do.
    await expect(await page.findByRole('region', { name: 'Next runs' }, { timeout: 5_000 })).toBeVisible()
    await userEvent.click(page.getByRole('button', { name: 'Arrange' }))
    const dialog = within(
      await screen.findByRole('dialog', { name: 'Arrange the home page' }, { timeout: 5_000 }),
    )
    await userEvent.click(dialog.getByRole('checkbox', { name: 'Next runs' }))
    await userEvent.click(dialog.getByRole('button', { name: 'Move up: Disks that fill up' }))
    await waitFor(() => expect(page.queryByRole('region', { name: 'Next runs', hidden: true })).toBeNull())
    const [first, second, third] = dialog.getAllByRole('checkbox')
    await expect(first).toHaveAccessibleName('Run now')
    await expect(second).toHaveAccessibleName('Recent executions')
    await expect(third).toHaveAccessibleName('Disks that fill up')
  },
}

export const Dark: Story = { globals: { theme: 'dark' } }

export const Quiet: Story = {
  beforeEach: () => answering({ ...aHome({ someNodes: quiet }), 'GET /metrics/latest': meters }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await page.findByRole('link', { name: 'pve1' })
    await expect(page.queryByRole('region', { name: 'Needs you' })).toBeNull()
  },
}

export const KitNotTaken: Story = {
  beforeEach: () =>
    answering({
      ...aHome({ someNodes: quiet }),
      'GET /metrics/latest': meters,
      'GET /master-key': {
        keyId: 'a91f',
        source: 'generated',
        place: '/data/keys/master.key',
        concerns: ['beside-data'],
        changedAt: null,
        rotation: null,
        kit: null,
      },
    }),
  play: async ({ canvasElement }) => {
    const needs = within(await within(canvasElement).findByRole('region', { name: 'Needs you' }))
    await expect(needs.getByText(/recovery kit of the master key/)).toBeVisible()
  },
}

export const Empty: Story = {
  beforeEach: () => answering(aHome({ someNodes: [], someExecutions: [] })),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByText('0 of 11 done')).toBeVisible()
    await expect(page.getByRole('link', { name: 'Add a node' })).toBeVisible()
    await expect(await page.findByRole('button', { name: /Look around/ })).toBeVisible()
  },
}

/** Who may add nothing is told who may. */
export const EmptyForViewer: Story = {
  parameters: { queries: [signedInAs('viewer')] },
  beforeEach: () => answering(aServer({ someNodes: [], someExecutions: [] })),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText(/An administrator adds/)).toBeVisible()
  },
}

export const KeyToConfirm: Story = {
  beforeEach: () => answering(aHome({ someNodes: [aNode({ hostKeys: [] })], someExecutions: [] })),
}

export const FirstRunToCome: Story = {
  beforeEach: () => answering(aHome({ someNodes: quiet, someExecutions: [] })),
}

const sampleNodes = ['sample-nas', 'sample-pi'].map((name, place) =>
  aNode({ id: sampleIdOf('nod', place + 1), name }),
)
/** Made-up nodes do not make anybody less new: the first steps come first, and none of these nodes can run anything. */
export const SamplesOnly: Story = {
  beforeEach: () =>
    answering(
      aHome({
        someNodes: sampleNodes,
        someExecutions: sampleNodes.map(({ id, name }, place) =>
          anExecution({ id: sampleIdOf('exe', place + 1), nodeId: id, nodeName: name, state: 'succeeded' }),
        ),
      }),
    ),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    const steps = await page.findByRole('region', { name: 'First steps' })
    const actions = page.getByRole('region', { name: 'Run now' })
    await expect(steps.compareDocumentPosition(actions) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy()
    const [nobody] = await page.findAllByText(/You have no node yet/)
    await expect(nobody).toBeVisible()
    await expect(page.queryByText(/No node matches/)).toBeNull()
  },
}

export const Loads: Story = {
  beforeEach: () => answering(Object.fromEntries(Object.keys(full).map((call) => [call, 'never' as const]))),
}

/** What one card cannot get leaves the others alone. */
export const PartsBroken: Story = {
  beforeEach: () =>
    answering({
      ...full,
      'GET /executions': refusal('server.no_answer', 'Nothing answers.'),
      'GET /findings': refusal('server.no_answer', 'Nothing answers.'),
    }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByRole('link', { name: 'pve1' })).toBeVisible()
    await waitFor(() => expect(page.getAllByRole('alert').length).toBeGreaterThan(1))
  },
}

export const ManyNodes: Story = {
  beforeEach: () =>
    answering(
      aHome({
        someNodes: Array.from({ length: 150 }, (_, place) =>
          aNode({ id: nodeIdOf(place + 1), name: `node-${place}` }),
        ),
        someExecutions: Array.from({ length: 150 }, (_, place) =>
          anExecution({ id: executionIdOf(place + 1), nodeId: nodeIdOf((place % 30) + 1) }),
        ),
      }),
    ),
}

export const AcknowledgedFindingsLeave: Story = {
  beforeEach: () => {
    const open = new Set(['disk.full:/var'])
    return answering({
      ...aHome({ someNodes: quiet, someExecutions: executions }),
      'GET /findings': ({ query }: Asked) => ({
        items:
          query.get('severity') === 'critical' && open.size > 0
            ? [
                aFinding({
                  key: 'disk.full:/var',
                  severity: 'critical',
                  nodeId: nodeIdOf(1),
                  acknowledgedAt: null,
                }),
              ]
            : [],
        nextCursor: null,
      }),
      'POST /findings/acknowledge': () => {
        open.clear()
        return aFinding({ acknowledgedAt: ago(0), acknowledgedBy: 'user:anna' })
      },
    })
  },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: /^Acknowledge: / }))
    await waitFor(() => expect(page.queryByRole('region', { name: 'Needs you' })).toBeNull())
  },
}

/** What a role never does is not shown: not a button that cannot be pressed. */
export const ForViewers: Story = {
  parameters: { queries: [signedInAs('viewer')] },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByRole('region', { name: 'Recent executions' })).toBeVisible()
    await expect(page.queryByRole('button', { name: /run/i })).toBeNull()
  },
}

export const KeysInNeed: Story = {
  beforeEach: () =>
    answering({
      ...aHome({ someNodes: quiet }),
      'GET /metrics/latest': meters,
      'GET /keys': {
        items: [
          aNodeKey({ standing: 'overdue', dueAt: ago(60 * 24) }),
          aNodeKey({
            nodeId: nodeIdOf(2),
            nodeName: 'pve1',
            rotation: aRotation({ step: 'append', waitsForPerson: true, problem: toProblem('key.by_hand') }),
          }),
        ],
      },
    }),
  play: async ({ canvasElement }) => {
    const needs = within(await within(canvasElement).findByRole('region', { name: 'Needs you' }))
    const links = await needs.findAllByRole('link', { name: /The (SSH key|line)/ })
    await expect(links.map((link) => link.textContent)).toEqual([
      'The line has to be put onto the node by hand',
      'The SSH key is overdue for a new one',
    ])
  },
}
