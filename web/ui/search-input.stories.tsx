import type { Meta, StoryObj } from '@storybook/react-vite'
import { useState } from 'react'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import { SearchInput } from './search-input.tsx'

const meta = {
  title: 'ui/SearchInput',
  component: SearchInput,
  args: { value: '', onChange: fn(), label: 'Search nodes' },
} satisfies Meta<typeof SearchInput>
export default meta
type Story = StoryObj<typeof meta>

export const Empty: Story = {}
export const Filled: Story = { args: { value: 'nas' } }

/** Asks once the typing pauses, not at each letter; Escape clears at once. */
export const Typing: Story = {
  globals: { theme: 'light' },
  render: function Typing(args) {
    const [value, setValue] = useState('')
    const change = (text: string) => {
      args.onChange(text)
      setValue(text)
    }
    return <SearchInput {...args} value={value} onChange={change} />
  },
  play: async ({ canvasElement, args }) => {
    const search = within(canvasElement)
    const input = search.getByRole('textbox', { name: 'Search nodes' })
    await userEvent.type(input, 'pve')
    await waitFor(() => expect(args.onChange).toHaveBeenCalledWith('pve'))
    await expect(args.onChange).not.toHaveBeenCalledWith('p')
    await userEvent.keyboard('{Escape}')
    await expect(args.onChange).toHaveBeenLastCalledWith('')
    await expect(input).toHaveValue('')
  },
}
