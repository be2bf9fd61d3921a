import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, userEvent, within } from 'storybook/test'
import { hostile } from '../fixtures.ts'
import { CodeBlock } from './code-block.tsx'
import { Copyable } from './copyable.tsx'

const meta = {
  title: 'ui/Copyable',
  component: Copyable,
  args: { value: 'SHA256:1bU4nR8v2dQmYk0oZ5sXhT7cWj3fLq9gPaEeVxNyMw0', what: 'the fingerprint' },
} satisfies Meta<typeof Copyable>
export default meta
type Story = StoryObj<typeof meta>

export const Value: Story = {}
export const Long: Story = {
  args: { value: hostile.long },
  decorators: [
    (Story) => (
      <div className="w-64">
        <Story />
      </div>
    ),
  ],
}

export const Commands: Story = {
  render: () => (
    <div className="space-y-4">
      <CodeBlock
        label="the command"
        code={
          'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\ngetent passwd carl || sudo useradd --create-home carl'
        }
      />
      <CodeBlock
        label="what the node said"
        code={`${hostile.html}\n${hostile.long}\n${hostile.rightToLeft}`}
      />
      <CodeBlock label="what the node said, wrapped" wrap code={hostile.long} />
    </div>
  ),
}

/** Over plain HTTP there is no clipboard; copying works all the same, and is said aloud. */
export const WithoutClipboard: Story = {
  globals: { theme: 'light' },
  play: async ({ canvasElement, args }) => {
    const { clipboard } = navigator
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: undefined })
    const copied = fn()
    // The real one wants a person's click, which a test cannot give.
    document.execCommand = (command) => {
      copied(command, document.activeElement instanceof HTMLTextAreaElement && document.activeElement.value)
      return true
    }
    const panel = within(canvasElement)
    const button = panel.getByRole('button', { name: 'Copy the fingerprint' })
    await userEvent.click(button)
    await panel.findByText('Copied')
    await expect(copied).toHaveBeenCalledWith('copy', args.value)
    await expect(button).toHaveFocus()
    Reflect.deleteProperty(document, 'execCommand')
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: clipboard })
  },
}
