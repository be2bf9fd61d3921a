import type { Meta, StoryObj } from '@storybook/react-vite'
import { Ellipsis } from 'lucide-react'
import { expect, fn, screen, userEvent, waitFor } from 'storybook/test'
import { Button, IconButton } from './button.tsx'
import { DropdownMenuItem, OpenedMenu } from './dropdown-menu.tsx'
import { Opener, type Opening } from './opener.tsx'
import { OpenedPopover } from './popover.tsx'

const meta = {
  title: 'ui/Opener',
  globals: { theme: 'light' },
} satisfies Meta
export default meta
type Story = StoryObj<typeof meta>

const chosen = fn()

const Items = ({ opening }: { readonly opening: Opening }) => (
  <OpenedMenu opening={opening} align="start">
    <DropdownMenuItem>Edit</DropdownMenuItem>
    <DropdownMenuItem onSelect={chosen}>Duplicate</DropdownMenuItem>
  </OpenedMenu>
)

/** Enter opens it on the first choice, choosing closes it, and the focus comes back. */
export const ByKeyboard: Story = {
  render: () => (
    <Opener
      opens="menu"
      load={async () => Items}
      trigger={(props) => <IconButton {...props} label="Actions for nas" icon={Ellipsis} />}
    >
      {(Loaded, opening) => <Loaded opening={opening} />}
    </Opener>
  ),
  play: async () => {
    const trigger = screen.getByRole('button', { name: 'Actions for nas' })
    trigger.focus()
    await userEvent.keyboard('{Enter}')
    await screen.findByRole('menu', { name: 'Actions for nas' })
    await waitFor(() => expect(screen.getByRole('menuitem', { name: 'Edit' })).toHaveFocus())
    await userEvent.keyboard('{ArrowDown}{Enter}')
    await expect(chosen).toHaveBeenCalledOnce()
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
    await waitFor(() => expect(trigger).toHaveFocus())
    await userEvent.keyboard('{ArrowDown}')
    await waitFor(() => expect(screen.getByRole('menuitem', { name: 'Edit' })).toHaveFocus())
    await userEvent.keyboard('{Escape}')
    await waitFor(() => expect(trigger).toHaveFocus())
    await expect(trigger).toHaveAttribute('aria-expanded', 'false')
  },
}

/** A second click closes what the first one opened. */
export const ByPointer: Story = {
  ...ByKeyboard,
  play: async () => {
    const trigger = screen.getByRole('button', { name: 'Actions for nas' })
    await userEvent.click(trigger)
    await screen.findByRole('menu')
    await userEvent.click(trigger)
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
    await userEvent.click(trigger)
    await screen.findByRole('menu')
    await userEvent.click(document.body)
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
  },
}

export const Popover: Story = {
  render: () => (
    <Opener
      opens="dialog"
      load={async () => OpenedPopover}
      trigger={(props) => (
        <Button {...props} variant="ghost">
          $0.12 today
        </Button>
      )}
    >
      {(Opened, opening) => (
        <Opened opening={opening} align="start" aria-label="What models have cost">
          $0.12 of $1.00 today, $2.40 this month.
        </Opened>
      )}
    </Opener>
  ),
  play: async () => {
    const trigger = screen.getByRole('button', { name: '$0.12 today' })
    await userEvent.click(trigger)
    await screen.findByRole('dialog', { name: 'What models have cost' })
    await userEvent.click(trigger)
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    await userEvent.click(trigger)
    await screen.findByRole('dialog')
    await userEvent.keyboard('{Escape}')
    await waitFor(() => expect(trigger).toHaveFocus())
    await userEvent.click(trigger)
    await screen.findByRole('dialog')
  },
}
