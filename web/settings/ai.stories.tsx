import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent } from 'storybook/test'
import type { AiState, AiTest } from '../../contract/ai.ts'
import { ago, aiClaude, aiOff, refusal } from '../fixtures.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { AiSettings } from './ai.tsx'

const good: AiTest = {
  model: 'claude-haiku-5-5',
  readiness: {
    isReady: true,
    steps: [
      { step: 'reach', state: 'ok', detail: 'https://api.anthropic.com answers.', fix: null },
      { step: 'key', state: 'ok', detail: 'The key is good.', fix: null },
      { step: 'model', state: 'ok', detail: 'claude-haiku-5-5 is there.', fix: null },
      { step: 'schema', state: 'ok', detail: 'It answered in the asked shape.', fix: null },
    ],
  },
  call: {
    id: 'aic_01jd0000000000000000000001' as NonNullable<AiTest['call']>['id'],
    costNanoUsd: 92_000,
    isPriceKnown: true,
    inputTokens: 640,
    outputTokens: 56,
    durationMs: 1_240,
  },
}
const bad: AiTest = {
  ...good,
  readiness: {
    isReady: false,
    steps: [
      { step: 'reach', state: 'ok', detail: 'https://api.anthropic.com answers.', fix: null },
      {
        step: 'key',
        state: 'failed',
        detail: 'Anthropic does not accept the key (401, authentication_error).',
        fix: 'Make a key at platform.claude.com and enter it here.',
      },
      { step: 'schema', state: 'skipped', detail: 'It was not asked, because of the above.', fix: null },
    ],
  },
  call: null,
}
const server = (state: AiState, test: AiTest = good) => ({
  ...aServer(),
  'GET /ai': state,
  'POST /ai/test': test,
})

const meta = {
  title: 'settings/AI',
  component: AiSettings,
  parameters: { queries: [signedInAs('admin')] },
  globals: { theme: 'light' },
  beforeEach: () => answering(server(aiClaude)),
} satisfies Meta<typeof AiSettings>
export default meta
type Story = StoryObj<typeof meta>

export const Off: Story = { beforeEach: () => answering(server(aiOff)) }
export const Claude: Story = {}
export const Dark: Story = { globals: { theme: 'dark' } }
export const StandIn: Story = { beforeEach: () => answering(server({ ...aiClaude, isStandIn: true })) }
export const Paused: Story = {
  beforeEach: () =>
    answering(
      server({
        ...aiClaude,
        pause: { until: ago(-4), why: 'The account has no credit left (402, billing_error).' },
      }),
    ),
}
export const Loads: Story = { beforeEach: () => answering({ 'GET /ai': 'never' }) }
export const Broken: Story = { beforeEach: () => answering({ 'GET /ai': refusal('server.no_answer') }) }
export const AsViewer: Story = { parameters: { queries: [signedInAs('viewer')] } }

export const Local: Story = {
  beforeEach: () => answering(server(aiOff)),
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('radio', { name: /local model/ }))
    await expect(canvas.getByRole('textbox', { name: /Context/ })).toHaveValue('8192')
  },
}
export const ClaudeCode: Story = {
  beforeEach: () => answering(server(aiOff)),
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('radio', { name: /Claude Code/ }))
    await expect(canvas.getByRole('checkbox', { name: /I have read this/ })).not.toBeChecked()
  },
}
export const Tried: Story = {
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Try the model' }))
    await expect(await canvas.findByText('claude-haiku-5-5 is ready')).toBeVisible()
    await expect(canvas.getByText(/This call cost/)).toBeVisible()
  },
}
export const TriedInVain: Story = {
  beforeEach: () => answering(server(aiClaude, bad)),
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Try the model' }))
    await expect(await canvas.findByText(/Make a key at platform/)).toBeVisible()
  },
}
