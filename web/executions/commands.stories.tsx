import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import type { CommandRecord } from '../../contract/executions.ts'
import { ago, executionIdOf, hostile } from '../fixtures.ts'
import { CommandList } from './commands.tsx'

const command = (seq: number, argv: string[], changed: Partial<CommandRecord> = {}): CommandRecord => ({
  seq,
  at: ago(9 - seq * 0.001),
  argv,
  rc: 0,
  ms: 12,
  via: 'kit',
  note: null,
  ...changed,
})
const commands = [
  command(1, ['/usr/bin/df', '-P', '/srv/with blanks']),
  command(2, ['sudo', '-n', '/usr/bin/dmesg'], { rc: 1, ms: 31 }),
  command(3, ['smartctl', '-a', '/dev/sda'], { rc: null, note: 'not found' }),
  command(4, ['rm', '-rf', '/'], { via: 'denied', rc: null, ms: null, note: 'not allowed' }),
  command(5, ['/bin/true'], { via: 'subprocess.Popen', rc: null, ms: null }),
  command(6, ['python3', '-c', '\nimport os\nprint(os.uname())\n']),
  command(7, ['echo', hostile.html, hostile.rightToLeft, hostile.long]),
]

const meta = {
  title: 'executions/CommandList',
  component: CommandList,
  args: { executionId: executionIdOf(1), commands },
} satisfies Meta<typeof CommandList>
export default meta
type Story = StoryObj<typeof meta>

export const EveryEnd: Story = {}
export const None: Story = { args: { commands: [] } }
export const Many: Story = {
  globals: { theme: 'light' },
  args: {
    commands: Array.from({ length: 2_000 }, (_, index) => command(index + 1, ['tool', String(index)])),
  },
}
export const OnlyThoseThatWentWrong: Story = {
  globals: { theme: 'light' },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(page.getByRole('switch', { name: 'Only those that went wrong' }))
    await expect(page.getByText('3 of 7 commands')).toBeVisible()
    await userEvent.type(page.getByRole('textbox', { name: 'Search commands' }), 'dmesg')
    await waitFor(() => expect(page.getByText('1 of 7 commands')).toBeVisible())
  },
}
