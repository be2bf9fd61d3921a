import type { Meta, StoryObj } from '@storybook/react-vite'
import { fn } from 'storybook/test'
import { places } from '../shell/places.ts'
import { ShortcutSheet } from './shortcut-sheet.tsx'

const meta = {
  title: 'palette/ShortcutSheet',
  component: ShortcutSheet,
  args: { isOpen: true, onOpenChange: fn(), places },
  globals: { theme: 'light' },
} satisfies Meta<typeof ShortcutSheet>
export default meta
type Story = StoryObj<typeof meta>

export const Open: Story = {}
export const Dark: Story = { globals: { theme: 'dark' } }
export const German: Story = { globals: { locale: 'de' } }
