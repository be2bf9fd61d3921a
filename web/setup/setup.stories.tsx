import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, within } from 'storybook/test'
import { aNode, refusal } from '../fixtures.ts'
import { useMessages } from '../lib/messages.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { ClaimStep } from './claim-step.tsx'
import { ConnectionStep } from './connection-step.tsx'
import { DoneStep } from './done-step.tsx'
import { NodeStep } from './node-step.tsx'
import { RestoreForm } from './restore-form.tsx'
import { RunStep } from './run-step.tsx'
import { SetupFrame } from './setup-frame.tsx'
import type { Standing } from './steps.ts'

const before: Standing = { isClaimed: false, hasNode: false, isReached: false, hasRun: false }
const inside = { ...before, isClaimed: true }
const node = aNode({ name: 'nas', lastSeenAt: null, health: 'unknown' })
const reached = aNode({ name: 'nas' })

const meta = {
  title: 'setup/Set-up',
  component: SetupFrame,
  args: { step: 'claim', standing: before, children: <ClaimStep /> },
  parameters: { isPage: true, queries: [signedInAs('admin')] },
  globals: { theme: 'light' },
  beforeEach: () => answering({ ...aServer({ someNodes: [] }), 'GET /credentials': { items: [] } }),
} satisfies Meta<typeof SetupFrame>
export default meta
type Story = StoryObj<typeof meta>

export const Claim: Story = {}
export const Dark: Story = { globals: { theme: 'dark' } }
export const InGerman: Story = { globals: { locale: 'de' } }

async function claim(canvasElement: HTMLElement, again: string) {
  const page = within(canvasElement)
  await userEvent.type(page.getByLabelText(/token/i), 'carl-setup-token')
  await userEvent.type(page.getByLabelText(/^Password(?! again)/), 'correct horse battery')
  await userEvent.type(page.getByLabelText(/^Password again/), again)
  await userEvent.click(page.getByRole('button', { name: 'Make the administrator' }))
  return page
}
export const PasswordsDiffer: Story = {
  play: async ({ canvasElement }) => {
    await claim(canvasElement, 'another')
    await expect(within(canvasElement).getByLabelText(/^Password again/)).toBeInvalid()
  },
}
export const TokenIsWrong: Story = {
  beforeEach: () => answering({ 'POST /setup': refusal('auth.setup_link_invalid') }),
  play: async ({ canvasElement }) => {
    const page = await claim(canvasElement, 'correct horse battery')
    await expect(await page.findByLabelText(/token/i)).toBeInvalid()
  },
}

function Restoring() {
  const words = useMessages('ownBackups').wizard
  return (
    <SetupFrame step="claim" standing={before} instead={words}>
      <RestoreForm token="" onBack={fn()} />
    </SetupFrame>
  )
}
export const RestoreABackup: Story = { render: () => <Restoring /> }
export const FirstNode: Story = {
  args: { step: 'node', standing: inside, children: <NodeStep onAdded={fn()} /> },
}
export const Connection: Story = {
  beforeEach: () => answering(aServer({ someNodes: [node] })),
  args: {
    step: 'connection',
    standing: { ...inside, hasNode: true },
    children: <ConnectionStep node={node} onPassed={fn()} />,
  },
}
export const FirstRun: Story = {
  args: {
    step: 'run',
    standing: { ...inside, hasNode: true, isReached: true },
    children: <RunStep node={reached} />,
  },
}
export const FirstRunRefused: Story = {
  ...FirstRun,
  beforeEach: () => answering({ 'POST /executions': refusal('server.not_ready') }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(page.getByRole('button', { name: /System Health/ }))
    await expect(await page.findByText(/starting or stopping/)).toBeVisible()
  },
}
export const AllDone: Story = {
  args: {
    step: null,
    standing: { isClaimed: true, hasNode: true, isReached: true, hasRun: true },
    children: <DoneStep />,
  },
}
