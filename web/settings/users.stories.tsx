import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, screen, userEvent } from 'storybook/test'
import { ago, hostile, refusal } from '../fixtures.ts'
import { answering, signedInAs } from '../story-server.ts'
import { Toaster } from '../ui/toaster.tsx'
import { UserSettings } from './users.tsx'

const anna = {
  id: 'usr_01jd0000000000000000000001',
  name: 'anna',
  role: 'admin',
  createdAt: ago(90_000),
  lastSeenAt: ago(1),
  tokens: 2,
  outside: null,
}
const ben = { ...anna, id: 'usr_01jd0000000000000000000002', name: 'ben', role: 'operator', tokens: 0 }
const mia = {
  ...ben,
  id: 'usr_01jd0000000000000000000005',
  name: 'mia',
  outside: { by: 'provider', issuer: 'https://id.home.example', subject: '0b9c', pinned: false },
}
const users = [
  anna,
  ben,
  mia,
  {
    ...mia,
    id: 'usr_01jd0000000000000000000006',
    name: 'leo',
    outside: { ...mia.outside, by: 'proxy', pinned: true },
  },
  { ...ben, id: 'usr_01jd0000000000000000000003', name: hostile.long.slice(0, 64), lastSeenAt: null },
  { ...ben, id: 'usr_01jd0000000000000000000004', name: hostile.rightToLeft, role: 'viewer' },
]
const password = 'kqw7m-3hxtn-b8ved-yr4zp'
const answers = {
  'GET /users': { items: users },
  'POST /users': { user: ben, password },
  [`POST /users/${ben.id}/password`]: { password },
  [`PATCH /users/${ben.id}`]: { ...ben, role: 'admin' },
  [`POST /users/${mia.id}/follow-groups`]: mia,
  [`PATCH /users/${mia.id}`]: { ...mia, role: 'admin' },
  [`DELETE /users/${ben.id}`]: refusal('user.last_admin'),
}

const meta = {
  title: 'settings/Users',
  component: UserSettings,
  parameters: { queries: [signedInAs('admin')] },
  render: () => (
    <>
      <UserSettings />
      <Toaster />
    </>
  ),
  beforeEach: () => answering(answers),
} satisfies Meta<typeof UserSettings>
export default meta
type Story = StoryObj<typeof meta>

export const Some: Story = {}
export const OnlyMe: Story = { beforeEach: () => answering({ 'GET /users': { items: [anna] } }) }
export const Loading: Story = { beforeEach: () => answering({ 'GET /users': 'never' }) }
export const Failed: Story = { beforeEach: () => answering({ 'GET /users': refusal('server.not_ready') }) }

export const Added: Story = {
  globals: { theme: 'light' },
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Add user' }))
    await userEvent.type(await screen.findByRole('textbox', { name: 'Name' }), 'ben')
    await userEvent.click(screen.getByRole('radio', { name: /Operator/ }))
    const [, add] = screen.getAllByRole('button', { name: 'Add user', hidden: true })
    await userEvent.click(add as HTMLElement)
    await expect(await screen.findByText(password)).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'I have copied it' }))
    await expect(screen.queryByText(password)).toBeNull()
  },
}
export const NameTaken: Story = {
  globals: { theme: 'dark' },
  beforeEach: () => answering({ ...answers, 'POST /users': refusal('user.name_taken') }),
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Add user' }))
    await userEvent.type(await screen.findByRole('textbox', { name: 'Name' }), 'anna')
    const [, add] = screen.getAllByRole('button', { name: 'Add user', hidden: true })
    await userEvent.click(add as HTMLElement)
    await expect(await screen.findByText(/Somebody has this name already/)).toBeVisible()
  },
}
export const RoleChanged: Story = {
  globals: { theme: 'light' },
  play: async ({ canvas }) => {
    await userEvent.selectOptions(await canvas.findByRole('combobox', { name: 'Role of ben' }), 'admin')
    await expect(await screen.findByText('Make ben Admin?')).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Change role' }))
    await expect(await screen.findByText('The role is changed')).toBeVisible()
  },
}
export const RoleByGroups: Story = {
  globals: { theme: 'dark' },
  play: async ({ canvas }) => {
    const role = await canvas.findByRole('combobox', { name: 'Role of mia' })
    await expect(role).toHaveDisplayValue('By groups (Operator)')
    await expect(canvas.queryByRole('button', { name: 'New password for mia' })).toBeNull()
    await userEvent.selectOptions(role, 'admin')
    await expect(await screen.findByText(/stays as you set it/)).toBeVisible()
  },
}
export const LastAdmin: Story = {
  globals: { theme: 'light' },
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Remove ben' }))
    await userEvent.click(await screen.findByRole('button', { name: 'Remove' }))
    await expect(await screen.findByText('This is the last administrator')).toBeVisible()
  },
}
