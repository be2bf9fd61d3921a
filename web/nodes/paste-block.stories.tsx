import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, within } from 'storybook/test'
import type { CredentialId } from '../../contract/ids.ts'
import { anEnrolment, refusal } from '../fixtures.ts'
import { answering, aServer } from '../story-server.ts'
import { PasteBlock } from './paste-block.tsx'

const server = (answer: object | 'never' = anEnrolment()) => ({
  ...aServer(),
  'POST /enrolment': answer as never,
})

const meta = {
  title: 'nodes/PasteBlock',
  component: PasteBlock,
  args: {
    credentialId: 'cre_01jd0000000000000000000001' as CredentialId,
    username: 'carl',
    elevation: 'commands',
    allowedAgents: null,
  },
  beforeEach: () => answering(server()),
} satisfies Meta<typeof PasteBlock>
export default meta
type Story = StoryObj<typeof meta>

export const Commands: Story = {}
export const Dark: Story = { globals: { theme: 'dark' } }
export const NoAgents: Story = {
  globals: { theme: 'light' },
  beforeEach: () => answering(server(anEnrolment({ bundles: [], sudo: [] }))),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText(/only the connection can be tested/)).toBeVisible()
  },
}
export const AsRoot: Story = { args: { elevation: 'root' } }
export const UserUnusable: Story = { args: { username: 'my user' } }
export const Loads: Story = { beforeEach: () => answering(server('never')) }
export const Refused: Story = { beforeEach: () => answering(server(refusal('credential.not_found'))) }
export const FromOneAddress: Story = {
  globals: { theme: 'light' },
  beforeEach: () =>
    answering({
      ...aServer(),
      'POST /enrolment': ({ body }) => anEnrolment({ paste: `from="${(body as { from: string }).from}"` }),
    }),
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: '192.168.1.5' }))
    await expect(await page.findByText('from="192.168.1.5"')).toBeVisible()
    await userEvent.type(page.getByRole('textbox', { name: /Address of this server/ }), '"')
    await expect(page.getByText('Addresses, networks or names, separated by commas.')).toBeVisible()
    // What could end the quotes never gets into the block.
    await expect(await page.findByText('from=""')).toBeVisible()
  },
}
