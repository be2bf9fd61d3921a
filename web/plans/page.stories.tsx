import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import { refusal } from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { Toaster } from '../ui/toaster.tsx'
import { Approvals } from './page.tsx'
import {
  aPlan,
  anAction,
  appliedPlan,
  planWithHeld,
  rejections,
  somePolicy,
  startedWork,
  trash,
} from '../plan-fixtures.ts'

const waiting = aPlan()
const second = aPlan({
  id: 'pln_01jd0000000000000000000009' as typeof waiting.id,
  agentTitle: 'Disk Doctor',
  nodeName: 'pve1',
  actions: [anAction({ aid: 'a', state: 'second-person' })],
})
const serving = (answers: object = {}) =>
  answering({
    ...aServer(),
    'GET /plans': ({ query }: { query: URLSearchParams }) => ({
      items: query.get('waiting') === 'true' ? [waiting, second] : [waiting, appliedPlan],
      nextCursor: null,
    }),
    'GET /plans/count': { plans: 2, actions: 5 },
    'GET /rejections': { items: rejections, nextCursor: null },
    'GET /trash': { items: trash, bytes: 44_001_200_000, maxBytesPerNode: 53_687_091_200, nextCursor: null },
    'GET /approval-policies': { items: [somePolicy] },
    ...answers,
  })

let asked: unknown = null

const meta = {
  title: 'plans/Approvals',
  component: Approvals,
  args: { tab: 'waiting', onTab: fn() },
  render: (args) => (
    <>
      <Approvals {...args} />
      <Toaster />
    </>
  ),
  parameters: { queries: [signedInAs('admin')] },
  beforeEach: () => serving(),
  globals: { theme: 'light' },
} satisfies Meta<typeof Approvals>
export default meta
type Story = StoryObj<typeof meta>

export const Waiting: Story = {}
export const Dark: Story = { globals: { theme: 'dark' } }
export const InGerman: Story = { globals: { locale: 'de' } }
export const OnAPhone: Story = { globals: { viewport: { value: 'mobile1' } } }
export const StartsWork: Story = {
  beforeEach: () =>
    serving({
      'GET /plans': {
        items: [aPlan({ agentId: 'disk-doctor', agentTitle: 'Disk Doctor', actions: [...startedWork] })],
        nextCursor: null,
      },
    }),
}
export const Decided: Story = { args: { tab: 'decided' } }
export const Rejected: Story = { args: { tab: 'rejected' } }
export const RejectedDark: Story = { args: { tab: 'rejected' }, globals: { theme: 'dark' } }
export const RejectedInGerman: Story = { args: { tab: 'rejected' }, globals: { locale: 'de' } }
export const NothingRejected: Story = {
  args: { tab: 'rejected' },
  beforeEach: () => serving({ 'GET /rejections': { items: [], nextCursor: null } }),
}
/** A change that somebody rejected is in the plan of the next run; one click and it is asked again. */
export const NotAskedAgain: Story = {
  beforeEach: () => {
    asked = null
    return serving({
      'GET /plans': { items: [planWithHeld], nextCursor: null },
      [`DELETE /rejections/${rejections[0]?.id}`]: () => {
        asked = 'taken back'
        return {}
      },
    })
  },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByText(/Not asked again until/)).toBeVisible()
    await userEvent.click(page.getByRole('button', { name: 'Ask again' }))
    await waitFor(() => expect(asked).toBe('taken back'))
  },
}
export const Trash: Story = { args: { tab: 'trash' } }
export const TrashDark: Story = { args: { tab: 'trash' }, globals: { theme: 'dark' } }
export const EmptyTrash: Story = {
  args: { tab: 'trash' },
  beforeEach: () =>
    serving({ 'GET /trash': { items: [], bytes: 0, maxBytesPerNode: 53_687_091_200, nextCursor: null } }),
}
export const Policies: Story = { args: { tab: 'policies' } }
export const NoPolicy: Story = {
  args: { tab: 'policies' },
  beforeEach: () => serving({ 'GET /approval-policies': { items: [] } }),
}
export const NothingWaits: Story = {
  beforeEach: () =>
    serving({ 'GET /plans': { items: [], nextCursor: null }, 'GET /plans/count': { plans: 0, actions: 0 } }),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText('Nothing waits for you')).toBeVisible()
  },
}
export const Loads: Story = { beforeEach: () => serving({ 'GET /plans': 'never' }) }
export const Broken: Story = {
  beforeEach: () => serving({ 'GET /plans': refusal('server.no_answer', 'Nothing answers.') }),
}
export const ForAViewer: Story = {
  parameters: { queries: [signedInAs('viewer')] },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect((await page.findAllByText(/may look at changes/))[0]).toBeVisible()
    await expect(page.queryByRole('button', { name: /Approve/ })).toBeNull()
  },
}

export const ChoosesAndApproves: Story = {
  beforeEach: () => {
    asked = null
    return serving({
      [`POST /plans/${waiting.id}/approve`]: ({ body }: { body: unknown }) => {
        asked = body
        return waiting
      },
    })
  },
  play: async ({ canvasElement }) => {
    const page = within(
      await within(canvasElement).findByRole('region', { name: 'Plan of Docker Janitor for nas' }),
    )
    // What is gone for good is never chosen from the start.
    await expect(await page.findByRole('checkbox', { name: /pgdata/ })).not.toBeChecked()
    await userEvent.click(page.getByRole('checkbox', { name: /dangling/ }))
    await userEvent.click(page.getByRole('button', { name: 'Approve 2 changes' }))
    const dialog = within(await within(document.body).findByRole('alertdialog'))
    await userEvent.click(dialog.getByRole('button', { name: 'Approve 2 changes' }))
    await waitFor(() =>
      expect(asked).toMatchObject({
        actions: ['docker.container.remove:77b1', 'docker.buildcache.prune:aa01'],
      }),
    )
  },
}
export const AsksForTheName: Story = {
  beforeEach: () => {
    asked = null
    return serving({
      [`POST /plans/${waiting.id}/approve`]: ({ body }: { body: unknown }) => {
        asked = body
        return refusal('plan.decided', 'user:ben approved it at 10:14.')
      },
    })
  },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('checkbox', { name: /pgdata/ }))
    await userEvent.click(page.getByRole('button', { name: 'Approve 4 changes' }))
    const dialog = within(await within(document.body).findByRole('alertdialog'))
    const button = dialog.getByRole('button', { name: 'Approve 4 changes' })
    await userEvent.click(button)
    await expect(asked).toBeNull()
    await userEvent.type(dialog.getByLabelText(/Type pgdata/), 'pgdata')
    await userEvent.click(button)
    await waitFor(() => expect(asked).toMatchObject({ typed: { 'docker.volume.remove:9c40': 'pgdata' } }))
    await expect(await dialog.findByText(/user:ben approved it/)).toBeVisible()
  },
}
export const RestoresFromTrash: Story = {
  args: { tab: 'trash' },
  beforeEach: () => {
    asked = null
    return serving({
      [`POST /trash/${trash[0]?.id}/restore`]: ({ body }: { body: unknown }) => {
        asked = body ?? 'restored'
        return { ...trash[0], state: 'restoring' }
      },
    })
  },
  play: async ({ canvasElement }) => {
    await userEvent.click(await within(canvasElement).findByRole('button', { name: 'Restore' }))
    const dialog = within(await within(document.body).findByRole('alertdialog'))
    await userEvent.click(dialog.getByRole('button', { name: 'Restore' }))
    await waitFor(() => expect(asked).not.toBeNull())
  },
}
