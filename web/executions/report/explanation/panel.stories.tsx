import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, within } from 'storybook/test'
import type { ExplanationState } from '../../../../contract/explanations.ts'
import { refusal, report } from '../../../fixtures.ts'
import { answering, aServer, signedInAs } from '../../../story-server.ts'
import { ExplanationPanel } from './panel.tsx'
import { explanations, markup } from './samples.ts'

const id = report.executionId
const server = (state: ExplanationState | 'never' | ReturnType<typeof refusal>) => ({
  ...aServer(),
  [`GET /executions/${id}/explanation`]: state,
  [`POST /executions/${id}/explain`]: explanations.asking(id),
  [`POST /executions/${id}/questions/price`]: {
    model: 'claude-haiku-5-5',
    likelyNanoUsd: 760_000,
    mostNanoUsd: 2_400_000,
    isPriceKnown: true,
    isCharged: true,
  },
})

const meta = {
  title: 'executions/Explanation',
  component: ExplanationPanel,
  args: { report, onShowFact: fn() },
  parameters: { queries: [signedInAs('operator')] },
  globals: { theme: 'light' },
  beforeEach: () => answering(server(explanations.explained(report))),
} satisfies Meta<typeof ExplanationPanel>
export default meta
type Story = StoryObj<typeof meta>

const standing = (state: Parameters<typeof server>[0]): Story => ({
  beforeEach: () => answering(server(state)),
})

export const Explained: Story = {
  play: async ({ canvasElement, args }) => {
    const panel = within(canvasElement)
    // What a model says is text, whatever it looks like.
    await expect(await panel.findByText(markup)).toBeVisible()
    await expect(panel.getByText(/2 statements were left out/)).toBeVisible()
    const [fact] = panel.getAllByRole('button', { name: 'disks: /var' })
    if (fact) await userEvent.click(fact)
    await expect(args.onShowFact).toHaveBeenCalledWith('disks')
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const InGerman: Story = { globals: { locale: 'de' } }
export const Reused: Story = standing(
  explanations.explained(report, {
    reason: 'cache_similar',
    reused: { from: id, similarity: 0.98 },
    costNanoUsd: 0,
    callId: null,
  }),
)
export const NothingHeld: Story = standing(
  explanations.explained(report, {
    explanation: { verdict: null, happened: [], lookAt: [], suggestions: [], dropped: 5 },
  }),
)
export const Off: Story = standing(explanations.off(id))
export const OffForAdmin: Story = {
  ...standing(explanations.off(id)),
  parameters: { queries: [signedInAs('admin')] },
}
export const NothingNew: Story = standing(explanations.quiet(id))
export const LimitReached: Story = standing(explanations.budget(id))
export const Asking: Story = standing(explanations.asking(id))
export const Failed: Story = standing(explanations.failed(id))
export const ForViewer: Story = { parameters: { queries: [signedInAs('viewer')] } }
export const Loads: Story = standing('never')
export const CannotLoad: Story = standing(refusal('server.not_ready'))
export const WithQuestions: Story = {
  ...standing({ ...explanations.explained(report), questions: explanations.questions(report) }),
  play: async ({ canvasElement }) => {
    const panel = within(canvasElement)
    await userEvent.type(await panel.findByLabelText(/Ask about this report/), 'Why now?')
    await userEvent.click(panel.getByRole('button', { name: 'What would it cost?' }))
    await expect(await panel.findByText(/about \$0.00076, at most \$0.0024/)).toBeVisible()
    await expect(panel.getByRole('button', { name: 'Ask' })).toBeVisible()
  },
}
