import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, within } from 'storybook/test'
import { toProblem } from '../../contract/errors.ts'
import { type DoctorReport, type DoctorStep, doctorStep, type Node } from '../../contract/nodes.ts'
import { aNode, hostile, nodeIdOf, refusal } from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { DoctorPanel } from './doctor-panel.tsx'

const id = nodeIdOf(1)
const offeredHostKey = {
  type: 'ssh-ed25519',
  key: 'AAAA',
  fingerprint: 'SHA256:vE910YxT7cWj3fLq9gPaEeVxNyMw01bU4nR8v2dQmYk',
}

/** A report that is fine until a step, which is as given; nothing is reached behind a failure. */
function aReport(changed: Partial<DoctorStep> = {}, more: Partial<DoctorReport> = {}): DoctorReport {
  const names = doctorStep.shape.step.options
  const failedAt = changed.state === 'failed' ? names.indexOf(changed.step ?? 'resolve') : names.length
  const steps = names.map((step, place): DoctorStep => {
    const fine: DoctorStep = {
      step,
      state: 'ok',
      detail: `What ${step} showed.`,
      ms: place * 7,
      problem: null,
    }
    if (place > failedAt) return { ...fine, state: 'skipped', detail: 'Not reached.', ms: 0 }
    return step === changed.step ? { ...fine, ...changed } : fine
  })
  return { nodeId: id, ok: failedAt === names.length, steps, offeredHostKey: null, platform: {}, ...more }
}

const unknownKey = aReport(
  {
    step: 'host-key',
    state: 'failed',
    detail: `The node shows ssh-ed25519 ${offeredHostKey.fingerprint}.`,
    problem: toProblem('ssh.host_key_unknown'),
  },
  { offeredHostKey },
)
const changedKey = aReport(
  { step: 'host-key', state: 'failed', detail: 'Another key.', problem: toProblem('ssh.host_key_changed') },
  { offeredHostKey },
)

const knows = (node: Partial<Node>, report?: DoctorReport) => ({
  queries: [
    signedInAs('admin'),
    [['nodes', 'get', { params: { id } }], aNode(node)],
    ...(report ? [[['doctor', id], report]] : []),
  ],
})

const meta = {
  title: 'nodes/DoctorPanel',
  component: DoctorPanel,
  args: { nodeId: id, onPassed: fn() },
  globals: { theme: 'light' },
  beforeEach: () => answering({ ...aServer(), [`POST /nodes/${id}/test`]: aReport() }),
} satisfies Meta<typeof DoctorPanel>
export default meta
type Story = StoryObj<typeof meta>

export const NeverTested: Story = {
  parameters: knows({ lastSeenAt: null, health: 'unknown', hostKeys: [] }),
  play: async ({ canvasElement, args }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: 'Test the connection' }))
    await expect(await page.findByText('Everything works. Agents can run here.')).toBeVisible()
    await expect(args.onPassed).toHaveBeenCalled()
  },
}
export const AllWell: Story = { parameters: knows({}, aReport()) }
export const Dark: Story = { parameters: knows({}, unknownKey), globals: { theme: 'dark' } }
export const Remark: Story = {
  parameters: knows(
    {},
    aReport({ step: 'clock', state: 'warning', detail: 'Behind.', problem: toProblem('launch.clock_off') }),
  ),
}
export const Fails: Story = {
  parameters: knows(
    {},
    aReport({
      step: 'tcp',
      state: 'failed',
      detail: hostile.html,
      problem: toProblem('ssh.connection_refused'),
    }),
  ),
}
export const FailedBefore: Story = {
  parameters: knows({
    health: 'unreachable',
    lastProblem: toProblem('ssh.connection_timeout', hostile.long),
  }),
}
export const Testing: Story = {
  parameters: knows({}, aReport()),
  beforeEach: () => answering({ ...aServer(), [`POST /nodes/${id}/test`]: 'never' }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: 'Test again' }))
    await expect(page.getByRole('progressbar')).toBeVisible()
  },
}
export const BudgetUsedUp: Story = {
  parameters: knows({}),
  beforeEach: () => answering({ ...aServer(), [`POST /nodes/${id}/test`]: refusal('ssh.connection_budget') }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: 'Test the connection' }))
    await expect(await page.findByText(/budget of new connections/)).toBeVisible()
  },
}

export const FirstKey: Story = {
  parameters: knows({ hostKeys: [], lastSeenAt: null, health: 'blocked' }, unknownKey),
  beforeEach: () =>
    answering({
      ...aServer(),
      [`PUT /nodes/${id}/host-keys`]: aNode(),
      [`POST /nodes/${id}/test`]: aReport(),
    }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: 'It is the same: trust this key' }))
    await expect(await page.findByText('Everything works. Agents can run here.')).toBeVisible()
  },
}

/** Only the name of the node, typed, opens the way. */
export const ChangedKey: Story = {
  parameters: knows({ health: 'blocked' }, changedKey),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    const trust = await page.findByRole('button', { name: 'Trust the new key instead' })
    await expect(trust).toBeDisabled()
    await userEvent.type(page.getByRole('textbox'), 'nas')
    await expect(trust).toBeEnabled()
  },
}
export const AsOperator: Story = {
  parameters: {
    queries: [
      signedInAs('operator'),
      ...knows({ hostKeys: [], health: 'blocked' }, unknownKey).queries.slice(1),
    ],
  },
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText(/takes an administrator/)).toBeVisible()
  },
}
