import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, within } from 'storybook/test'
import { hostile, refusal } from '../fixtures.ts'
import { ErrorPanel } from './error-panel.tsx'

const meta = {
  title: 'ui/ErrorPanel',
  component: ErrorPanel,
  args: {
    error: refusal('ssh.connection_timeout', 'Nothing answered at 192.168.1.2:22 within 10 s.'),
    onRetry: fn(),
  },
} satisfies Meta<typeof ErrorPanel>
export default meta
type Story = StoryObj<typeof meta>

export const FromTheServer: Story = {}
export const Retrying: Story = { args: { isRetrying: true } }
export const WithFields: Story = { args: { error: refusal('request.invalid', '', { issues: true }) } }
export const WorthAnotherTry: Story = {
  args: { error: refusal('ssh.connection_budget', '', { retryAt: '2026-01-01T10:30:00.000Z' }) },
}
export const Compact: Story = { args: { error: refusal('auth.wrong_credentials'), isCompact: true } }
export const WithHeading: Story = {
  args: { title: 'This page broke', error: new TypeError('x is not a function') },
}
export const FromANode: Story = {
  args: { error: refusal('launch.no_hello', `${hostile.html} ${hostile.long}`) },
}
export const InGerman: Story = { globals: { locale: 'de' }, args: { error: new Error('kaputt') } }

/** The details can be taken along. */
export const CopyDetails: Story = {
  globals: { theme: 'light' },
  play: async ({ canvasElement, args }) => {
    const panel = within(canvasElement)
    await userEvent.click(panel.getByRole('button', { name: 'Try again' }))
    await expect(args.onRetry).toHaveBeenCalledOnce()
    const { clipboard } = navigator
    const writeText = fn(async () => {})
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText } })
    await userEvent.click(panel.getByRole('button', { name: 'Copy the details' }))
    await panel.findByText('Copied')
    await expect(writeText).toHaveBeenCalledWith(expect.stringMatching(/Nothing answered[\s\S]*req-7f3k2/))
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: clipboard })
  },
}
