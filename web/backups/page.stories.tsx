import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, screen, userEvent, waitFor, within } from 'storybook/test'
import { refusal, repositories } from '../fixtures.ts'
import { useRunRequest } from '../lib/run-request.ts'
import { answering, aServer, signedInAs } from '../story-server.ts'
import { Toaster } from '../ui/toaster.tsx'
import { BackupsPage } from './page.tsx'

const serving = (answers: object = {}) =>
  answering({ ...aServer(), 'GET /repositories': { items: repositories }, ...answers })

const meta = {
  title: 'backups/BackupsPage',
  component: BackupsPage,
  render: () => (
    <>
      <BackupsPage />
      <Toaster />
    </>
  ),
  parameters: { queries: [signedInAs('admin')] },
  beforeEach: () => serving(),
  globals: { theme: 'light' },
} satisfies Meta<typeof BackupsPage>
export default meta
type Story = StoryObj<typeof meta>

export const InEveryStanding: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await expect(await page.findByText('/srv/backup/restic')).toBeVisible()
    await expect(page.getByRole('status')).toHaveTextContent('1 out of 6 repositories')
    // What is broken stands on top.
    const [, first] = page.getAllByRole('row')
    await expect(first).toHaveTextContent('Drill failed')
  },
}
export const Dark: Story = { globals: { theme: 'dark' } }
export const Loads: Story = { beforeEach: () => serving({ 'GET /repositories': 'never' }) }
export const Broken: Story = {
  beforeEach: () => serving({ 'GET /repositories': refusal('server.no_answer', 'Nothing answers.') }),
}
export const Empty: Story = {
  beforeEach: () => serving({ 'GET /repositories': { items: [] } }),
  play: async ({ canvasElement }) => {
    await expect(await within(canvasElement).findByText('No backup is known yet')).toBeVisible()
  },
}
export const AllProven: Story = {
  beforeEach: () => serving({ 'GET /repositories': { items: repositories.slice(0, 1) } }),
}

export const ForAViewer: Story = {
  parameters: { queries: [signedInAs('viewer')] },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await page.findByText('/srv/backup/restic')
    await expect(page.queryByRole('button', { name: 'Restore drill' })).toBeNull()
    await expect(page.queryByRole('button', { name: /^Actions/ })).toBeNull()
  },
}

export const ADrillIsAskedFor: Story = {
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    const row = (await page.findByText('/srv/backup/restic')).closest('tr')
    if (!row) throw new Error('there is no such row')
    await userEvent.click(within(row).getByRole('button', { name: 'Restore drill' }))
    await expect(useRunRequest.getState().request).toMatchObject({
      agentId: 'backup-validator',
      options: { targets: ['restic:/srv/backup/restic'], discover: false, restore_drill: true },
    })
    useRunRequest.setState({ request: null })
  },
}

let stored: unknown = null
export const APasswordIsReplaced: Story = {
  beforeEach: () => {
    stored = null
    return serving({
      [`PUT /repositories/${repositories[0]?.id}/secret`]: ({ body }: { body: unknown }) => {
        stored = body
        return repositories[0] ?? {}
      },
    })
  },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: 'Actions for /srv/backup/restic' }))
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Replace the password' }))
    const dialog = within(await screen.findByRole('dialog'))
    await userEvent.type(dialog.getByLabelText(/^Password/), 'a "long" one')
    await userEvent.type(dialog.getByLabelText(/^Variables/), 'LD_PRELOAD=x')
    await expect(await dialog.findByText(/LD_PRELOAD is no variable/)).toBeVisible()
    await userEvent.clear(dialog.getByLabelText(/^Variables/))
    await userEvent.type(dialog.getByLabelText(/^Variables/), 'B2_ACCOUNT_KEY=y')
    await userEvent.click(dialog.getByRole('button', { name: 'Store' }))
    await waitFor(() =>
      expect(stored).toEqual({ password: 'a "long" one', variables: { B2_ACCOUNT_KEY: 'y' } }),
    )
  },
}

let named: unknown = null
export const ARepositoryIsNamed: Story = {
  beforeEach: () => {
    named = null
    return serving({
      'POST /repositories': ({ body }: { body: unknown }) => {
        named = body
        return repositories[0] ?? {}
      },
    })
  },
  play: async ({ canvasElement }) => {
    const page = within(canvasElement)
    await userEvent.click(await page.findByRole('button', { name: 'Name a repository' }))
    const dialog = within(await screen.findByRole('dialog'))
    await waitFor(() => expect(dialog.getByRole('option', { name: 'nas' })).toBeDefined())
    await userEvent.selectOptions(dialog.getByLabelText(/^Node/), 'nas')
    await userEvent.type(dialog.getByLabelText(/^Place/), '/srv//x')
    await expect(await dialog.findByText(/^A path without \/\/ and/)).toBeVisible()
    await userEvent.clear(dialog.getByLabelText(/^Place/))
    await userEvent.type(dialog.getByLabelText(/^Place/), '/srv/x')
    await userEvent.click(dialog.getByRole('button', { name: 'Name it' }))
    await waitFor(() => expect(named).toMatchObject({ kind: 'restic', location: '/srv/x', secret: null }))
  },
}
