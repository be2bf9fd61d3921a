import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent } from 'storybook/test'
import { ago, hostile, refusal } from '../../fixtures.ts'
import { answering, signedInAs } from '../../story-server.ts'
import { Toaster } from '../../ui/toaster.tsx'
import { SignInSettings } from './sign-in.tsx'

const provider = {
  issuer: 'https://id.home.example',
  clientId: 'carl',
  scopes: ['openid', 'profile', 'groups'],
  groupClaim: 'groups',
  label: 'Sign in with Authelia',
  enabled: true,
  hasSecret: true,
  updatedAt: ago(3_000),
}
const rules = {
  groupRoles: [
    { group: 'admins', role: 'admin' },
    { group: 'family', role: 'viewer' },
  ],
  otherwise: null,
  hidesPassword: false,
}
const setup = {
  provider,
  rules,
  redirectUri: 'https://carl.home.example/sign-in/callback',
  signedOutUri: 'https://carl.home.example/api/v1/single-sign-on/signed-out',
  trustsProxy: false,
}
const facts = {
  issuer: provider.issuer,
  authorizationEndpoint: `${provider.issuer}/api/oidc/authorization`,
  tokenEndpoint: `${provider.issuer}/api/oidc/token`,
  userInfoEndpoint: `${provider.issuer}/api/oidc/userinfo`,
  algorithms: ['RS256', 'ES256'],
  keys: 2,
  pkce: true,
  scopes: ['openid', 'profile', 'email'],
  claims: ['sub', 'name', 'groups'],
  backChannelLogout: false,
  clockAheadS: 412,
  redirect: 'refused',
}
const trial = {
  at: ago(1),
  outcome: {
    kind: 'answered',
    subject: '0b9c4c1e-88d2-4a52-9d0e-6fbb4f7c1f3f',
    name: 'mia',
    claims: [
      { name: 'sub', value: '"0b9c4c1e-88d2-4a52-9d0e-6fbb4f7c1f3f"' },
      { name: 'name', value: JSON.stringify(hostile.rightToLeft) },
      { name: 'groups', value: '["family","admins"]' },
    ],
    groups: ['family', 'admins'],
    role: 'admin',
  },
}
const answers = {
  'GET /provider': setup,
  'PUT /provider': provider,
  'PUT /provider/rules': rules,
  'POST /provider/inspect': facts,
  'GET /provider/trial': { trial: null },
}

const meta = {
  title: 'settings/SignIn',
  component: SignInSettings,
  parameters: { queries: [signedInAs('admin')] },
  render: () => (
    <>
      <SignInSettings />
      <Toaster />
    </>
  ),
  beforeEach: () => answering(answers),
} satisfies Meta<typeof SignInSettings>
export default meta
type Story = StoryObj<typeof meta>

export const SetUp: Story = {}
export const NotSetUp: Story = {
  beforeEach: () =>
    answering({
      ...answers,
      'GET /provider': {
        provider: null,
        rules: { groupRoles: [], otherwise: null, hidesPassword: false },
        redirectUri: '/sign-in/callback',
        signedOutUri: '/api/v1/single-sign-on/signed-out',
        trustsProxy: true,
      },
    }),
}
export const Loading: Story = { beforeEach: () => answering({ 'GET /provider': 'never' }) }
export const Failed: Story = { beforeEach: () => answering({ 'GET /provider': refusal('server.not_ready') }) }

export const Saved: Story = {
  globals: { theme: 'light' },
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Add group' }))
    await userEvent.type(canvas.getByRole('textbox', { name: 'Group 3' }), 'ops')
    await userEvent.selectOptions(canvas.getByRole('combobox', { name: 'Role of group 3' }), 'operator')
    const [, save] = canvas.getAllByRole('button', { name: 'Save' })
    await userEvent.click(save as HTMLElement)
    await expect(await canvas.findByText('The rules are saved and in force')).toBeVisible()
  },
}
export const SecretNeededAgain: Story = {
  globals: { theme: 'dark' },
  beforeEach: () => answering({ ...answers, 'PUT /provider': refusal('provider.secret_missing') }),
  play: async ({ canvas }) => {
    const [save] = await canvas.findAllByRole('button', { name: 'Save' })
    await userEvent.click(save as HTMLElement)
    await expect(await canvas.findByText(/Another provider needs its own client secret/)).toBeVisible()
  },
}
export const AskedWithTrouble: Story = {
  globals: { theme: 'light' },
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Ask the provider' }))
    await expect(await canvas.findByText('412 s ahead of ours')).toBeVisible()
    await expect(canvas.getByText('It does not name groups among its scopes.')).toBeVisible()
  },
}
export const NotAnswering: Story = {
  globals: { theme: 'dark' },
  beforeEach: () => answering({ ...answers, 'POST /provider/inspect': refusal('provider.unreachable') }),
  play: async ({ canvas }) => {
    await userEvent.click(await canvas.findByRole('button', { name: 'Ask the provider' }))
    await expect(await canvas.findByText('The identity provider does not answer')).toBeVisible()
  },
}
export const Tried: Story = {
  beforeEach: () => answering({ ...answers, 'GET /provider/trial': { trial } }),
}
export const TriedWithoutGroups: Story = {
  globals: { theme: 'light' },
  beforeEach: () =>
    answering({
      ...answers,
      'GET /provider/trial': {
        trial: { ...trial, outcome: { ...trial.outcome, groups: null, role: null } },
      },
    }),
  play: async ({ canvas }) => {
    await expect(await canvas.findByText(/sent no claim groups/)).toBeVisible()
  },
}
export const TrialFailed: Story = {
  globals: { theme: 'dark' },
  beforeEach: () =>
    answering({
      ...answers,
      'GET /provider/trial': {
        trial: {
          at: ago(1),
          outcome: {
            kind: 'failed',
            problem: refusal('provider.refused_us').problem,
            said: 'invalid_client: Client authentication failed',
          },
        },
      },
    }),
}
