import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, fn, screen, userEvent } from 'storybook/test'
import { hostile, refusal } from '../fixtures.ts'
import { Button } from './button.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { Dialog, DialogClose } from './dialog.tsx'
import { Field } from './field.tsx'
import { Input } from './input.tsx'

const meta = {
  title: 'ui/Dialog',
  component: Dialog,
  globals: { theme: 'light' },
  args: { title: 'Run System Health' },
} satisfies Meta<typeof Dialog>
export default meta
type Story = StoryObj<typeof meta>

const footer = (
  <>
    <DialogClose>
      <Button variant="ghost">Cancel</Button>
    </DialogClose>
    <Button>Run on 3 nodes</Button>
  </>
)

export const Open: Story = {
  args: {
    open: true,
    description: 'On which nodes, and with which options?',
    footer,
    children: (
      <div className="space-y-4">
        <Field label="Nodes">
          <Input />
        </Field>
        <Field label="Time limit" hint="Seconds.">
          <Input inputMode="numeric" />
        </Field>
      </div>
    ),
  },
}

export const OpenInTheDark: Story = { ...Open, globals: { theme: 'dark' } }

/** Head and foot stay in view while the body scrolls. */
export const LongBody: Story = {
  args: {
    open: true,
    footer,
    title: hostile.words,
    children: (
      <ul>
        {Array.from({ length: 80 }, (_, line) => (
          <li key={line} className="foreign">
            {line} {hostile.html}
          </li>
        ))}
      </ul>
    ),
  },
}

/** Opens by its button, closes by Escape, and gives the focus back. */
export const ByKeyboard: Story = {
  args: { trigger: <Button variant="secondary">Run…</Button>, footer },
  play: async () => {
    const opener = screen.getByRole('button', { name: 'Run…' })
    opener.focus()
    await userEvent.keyboard('{Enter}')
    await expect(await screen.findByRole('dialog')).toHaveAccessibleName('Run System Health')
    await userEvent.keyboard('{Escape}')
    await expect(screen.queryByRole('dialog')).toBeNull()
    await expect(opener).toHaveFocus()
  },
}

/** What stops the page behind from scrolling carries the nonce of the page, else the policy would refuse it. */
export const StylesCarryTheNonce: Story = {
  args: { trigger: <Button variant="secondary">Run…</Button> },
  play: async () => {
    const meta = document.createElement('meta')
    meta.setAttribute('property', 'csp-nonce')
    meta.nonce = 'of-this-reply'
    document.head.append(meta)
    await userEvent.click(screen.getByRole('button', { name: 'Run…' }))
    await screen.findByRole('dialog')
    meta.remove()
    const styles = [...document.querySelectorAll('style')].filter(({ nonce }) => nonce === 'of-this-reply')
    await expect(styles).toHaveLength(1)
  },
}

const confirmed = fn()

/** What cannot be undone wants the name typed first. */
export const Confirm: Story = {
  render: () => (
    <ConfirmDialog
      open
      onOpenChange={fn()}
      title="Remove node nas?"
      description="Its executions, findings and metrics go with it. This cannot be undone."
      confirmLabel="Remove node"
      typeName="nas"
      onConfirm={confirmed}
    />
  ),
  play: async () => {
    const remove = await screen.findByRole('button', { name: 'Remove node' })
    await expect(remove).toBeDisabled()
    await userEvent.type(screen.getByLabelText('Type nas to confirm'), 'nas{enter}')
    await expect(remove).toBeEnabled()
    await expect(confirmed).toHaveBeenCalledOnce()
  },
}

export const ConfirmFailed: Story = {
  globals: { theme: 'dark' },
  render: () => (
    <ConfirmDialog
      open
      onOpenChange={fn()}
      title="Remove node nas?"
      description="Its executions, findings and metrics go with it."
      confirmLabel="Remove node"
      onConfirm={fn()}
      isPending
      error={refusal('node.in_use', 'Two nodes jump through it: pve1, pihole.')}
    />
  ),
}
