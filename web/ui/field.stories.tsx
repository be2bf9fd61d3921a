import type { Meta, StoryObj } from '@storybook/react-vite'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { expect, userEvent, within } from 'storybook/test'
import { Button } from './button.tsx'
import { Checkbox, Switch } from './checkbox.tsx'
import { Field } from './field.tsx'
import { Input, Textarea } from './input.tsx'
import { RadioCards } from './radio-cards.tsx'
import { SecretField, SecretTextField } from './secret-field.tsx'
import { Select } from './select.tsx'
import { TagInput } from './tag-input.tsx'

const meta = { title: 'ui/Field', component: Field, args: { label: 'Name', children: null } } satisfies Meta<
  typeof Field
>
export default meta
type Story = StoryObj<typeof meta>

export const Texts: Story = {
  render: () => (
    <div className="max-w-sm space-y-5">
      <Field label="Name" required>
        <Input placeholder="nas" />
      </Field>
      <Field label="Address" hint="A host name or an IP address, as seen from this server.">
        <Input mono defaultValue="192.168.1.10" />
      </Field>
      <Field label="Port" error="Too big" fix="SSH usually listens on 22.">
        <Input inputMode="numeric" defaultValue="70000" />
      </Field>
      <Field label="Disabled">
        <Input disabled defaultValue="Set by CARL_PORT" />
      </Field>
      <Field label="Notes">
        <Textarea defaultValue="In the cupboard under the stairs." />
      </Field>
      <Field label="Transport">
        <Select defaultValue="builtin">
          <option value="builtin">Built-in</option>
          <option value="openssh">OpenSSH of this server</option>
        </Select>
      </Field>
    </div>
  ),
}

export const Choices: Story = {
  render: function Choices() {
    const [elevation, setElevation] = useState<'none' | 'commands' | 'root'>('commands')
    return (
      <div className="max-w-sm space-y-4">
        <Checkbox label="Dry run" hint="Make plans and previews only." defaultChecked />
        <Checkbox label="All nodes" isMixed />
        <Checkbox label="Not now" disabled />
        <Switch label="Paused" hint="Left out of every run." />
        <Switch label="Notifications" defaultChecked />
        <RadioCards
          label="Rights on the node"
          name={`elevation-${useStateName()}`}
          value={elevation}
          onChange={(event) => setElevation(event.target.value as typeof elevation)}
          options={[
            { value: 'none', title: 'None', text: 'Only what the user may see.' },
            {
              value: 'commands',
              title: 'Single commands',
              text: 'Through sudo, each named in the manifest.',
            },
            { value: 'root', title: 'Root', text: 'The whole agent.', disabled: true },
          ]}
        />
      </div>
    )
  },
}

let names = 0
const useStateName = () => useState(() => ++names)[0]

export const Secrets: Story = {
  render: () => (
    <div className="max-w-sm space-y-5">
      <SecretField label="Passphrase" hint="Used once and not stored." defaultValue="correct horse" />
      <SecretField label="sudo password" isStored />
      <SecretTextField
        label="Private key"
        defaultValue={
          '-----BEGIN OPENSSH PRIVATE KEY-----\nnot really one\n-----END OPENSSH PRIVATE KEY-----'
        }
        error="This key is damaged or incomplete"
        fix="Paste it whole with its first and last line."
      />
    </div>
  ),
}

/** A secret is masked until it is asked for, and masked without being a password field. */
export const RevealASecret: Story = {
  globals: { theme: 'light' },
  render: () => <SecretField label="Passphrase" defaultValue="correct horse" />,
  play: async ({ canvasElement }) => {
    const field = within(canvasElement)
    const input = field.getByLabelText('Passphrase')
    await expect(input).toHaveAttribute('type', 'text')
    await expect(getComputedStyle(input).getPropertyValue('-webkit-text-security')).toBe('disc')
    await userEvent.click(field.getByRole('button', { name: 'Show' }))
    await expect(getComputedStyle(input).getPropertyValue('-webkit-text-security')).toBe('none')
  },
}

/** Tags are added by Enter, comma and space, once each, and backspace takes the last away. */
export const Tags: Story = {
  globals: { theme: 'light' },
  render: function Tags() {
    const [tags, setTags] = useState(['rack', 'storage'])
    return (
      <Field label="Tags" hint="Runs can be aimed at them.">
        <TagInput value={tags} onChange={setTags} suggestions={['pi', 'pihole']} />
      </Field>
    )
  },
  play: async ({ canvasElement }) => {
    const field = within(canvasElement)
    const input = field.getByLabelText('Tags')
    await userEvent.type(input, 'pi,rack, dns{enter}')
    await expect(field.getAllByRole('button').map((button) => button.getAttribute('aria-label'))).toEqual([
      'Remove rack',
      'Remove storage',
      'Remove pi',
      'Remove dns',
    ])
    await userEvent.type(input, '{backspace}')
    await userEvent.click(field.getByRole('button', { name: 'Remove rack' }))
    await expect(field.getAllByRole('button')).toHaveLength(2)
    await expect(input).toHaveFocus()
  },
}

/** The error is tied to its control, so that it is read aloud there. */
export const InAForm: Story = {
  globals: { theme: 'light' },
  render: function InAForm() {
    const form = useForm({ defaultValues: { name: '', paused: false } })
    return (
      <form onSubmit={(event) => void form.handleSubmit(() => {})(event)} className="max-w-sm space-y-4">
        <Field label="Name" error={form.formState.errors.name}>
          <Input {...form.register('name', { required: 'A node needs a name' })} />
        </Field>
        <Switch label="Paused" {...form.register('paused')} />
        <Button type="submit">Save</Button>
      </form>
    )
  },
  play: async ({ canvasElement }) => {
    const form = within(canvasElement)
    await userEvent.click(form.getByRole('button', { name: 'Save' }))
    const input = await form.findByRole('textbox', { name: 'Name' })
    await form.findByText('A node needs a name')
    await expect(input).toHaveAccessibleDescription('A node needs a name')
    await expect(input).toBeInvalid()
    await userEvent.click(form.getByText('Paused'))
    await expect(form.getByRole('switch')).toBeChecked()
  },
}
