import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, screen, userEvent } from 'storybook/test'
import { aNode, executionIdOf, hostile, nodeIdOf } from '../fixtures.ts'
import { places } from '../shell/places.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { Palette } from './palette.tsx'

const meta = {
  title: 'palette/Palette',
  component: Palette,
  args: { isOpen: true, onOpenChange: fn(), onShortcuts: fn(), places },
  parameters: { queries: [signedInAs('admin')] },
  globals: { theme: 'light' },
  beforeEach: () => {
    sessionStorage.removeItem('carl.recent')
    return answering(aServer())
  },
} satisfies Meta<typeof Palette>
export default meta
type Story = StoryObj<typeof meta>

const field = () => screen.findByRole('combobox')

export const Open: Story = {}
export const Dark: Story = { globals: { theme: 'dark' } }

export const ForViewers: Story = {
  parameters: { queries: [signedInAs('viewer')] },
  play: async () => {
    await userEvent.type(await field(), 'system')
    await expect(await screen.findByRole('option', { name: /^System Health Agent/ })).toBeVisible()
    await expect(screen.queryByRole('option', { name: /^Run/ })).toBeNull()
  },
}

/** An agent, then a node: no step needs a mouse, and Escape leads back. */
export const StepByStep: Story = {
  play: async () => {
    await userEvent.type(await field(), 'run system')
    await screen.findByRole('option', { name: /Run System Health on…/ })
    await userEvent.keyboard('{Enter}')
    await expect(await screen.findByRole('combobox', { name: 'Run System Health on' })).toBeVisible()
    await expect((await screen.findAllByRole('option'))[0]).toHaveAttribute('aria-selected', 'true')
    await screen.findByRole('option', { name: /All nodes/ })
    await userEvent.keyboard('{Escape}')
    await expect(await screen.findByRole('option', { name: /Run System Health on…/ })).toBeVisible()
  },
}

export const NothingFound: Story = {
  play: async () => {
    await userEvent.type(await field(), 'xyzzy')
    await expect((await screen.findAllByText('Nothing is called “xyzzy”.'))[0]).toBeInTheDocument()
  },
}

export const ServerAway: Story = { beforeEach: () => answering({}) }

export const Hostile: Story = {
  beforeEach: () =>
    answering(
      aServer({
        someNodes: [hostile.long, hostile.html, hostile.rightToLeft, hostile.emoji].map((name, at) =>
          aNode({ id: nodeIdOf(at + 1), name, host: hostile.long }),
        ),
      }),
    ),
  play: async () => {
    await userEvent.type(await field(), 'test the')
    await userEvent.keyboard('{Enter}')
    await expect((await screen.findAllByRole('option', { name: /xxxx/ })).length).toBeGreaterThan(0)
  },
}

/** What the server finds comes below what has the name; the last one looks everywhere, logs included. */
export const FindsWords: Story = {
  beforeEach: () =>
    answering({
      ...aServer(),
      'GET /search': ({ query }: { query: URLSearchParams }) => ({
        groups: [
          {
            kind: query.get('kind'),
            items:
              query.get('kind') === 'fact'
                ? [
                    {
                      kind: 'fact',
                      nodeId: nodeIdOf(1),
                      nodeName: 'nas',
                      agentId: 'system-health',
                      executionId: executionIdOf(1),
                      path: 'host.kernel',
                      text: '6.12.9',
                      at: '2026-11-01T07:00:00.000Z',
                    },
                  ]
                : [],
            nextCursor: null,
            lookedBackTo: null,
          },
        ],
      }),
    }),
  play: async () => {
    await userEvent.type(await field(), 'kernel')
    await expect(await screen.findByRole('option', { name: /host.kernel: 6.12.9/ })).toBeVisible()
    await expect(screen.getByRole('option', { name: /Search everything for “kernel”/ })).toBeVisible()
  },
}
