import type { Meta, StoryObj } from '@storybook/react-vite'
import { useState } from 'react'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import type { AgentManifest } from '../../contract/agent-manifest.ts'
import { agent, hostile } from '../fixtures.ts'
import { OptionsForm } from './options-form.tsx'

type Schema = AgentManifest['options']

const meta = {
  title: 'agents/OptionsForm',
  component: OptionsForm,
  args: { schema: agent.manifest.options, value: {}, onChange: () => undefined },
  render: function Render(args) {
    const [value, setValue] = useState(args.value)
    return <OptionsForm {...args} value={value} onChange={setValue} />
  },
} satisfies Meta<typeof OptionsForm>
export default meta
type Story = StoryObj<typeof meta>

const formOf = (properties: Schema['properties'], required: string[] = []): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})

const everyKind = formOf(
  {
    text: { type: 'string', title: 'A text', description: 'Anything.', default: 'as it is' },
    path: { type: 'string', title: 'A path', pattern: '^/', description: 'Begins with a slash.' },
    count: { type: 'integer', title: 'A whole number', minimum: 1, maximum: 10, default: 3 },
    share: { type: 'number', title: 'A share', minimum: 0, default: 0.5 },
    isOn: { type: 'boolean', title: 'A switch', description: 'On or off.', default: true },
    mode: {
      type: 'string',
      title: 'One of three',
      enum: ['quick', 'thorough', 'complete'],
      default: 'quick',
    },
    size: { type: 'integer', title: 'One of some numbers', enum: [1, 2, 4] },
    parts: {
      type: 'array',
      title: 'Some of many',
      items: { type: 'string', enum: ['a', 'b', 'c'] },
      default: [],
    },
    names: {
      type: 'array',
      title: 'A list',
      items: { type: 'string', maxLength: 20 },
      maxItems: 3,
      default: ['one'],
    },
    bare: { type: 'string' },
  },
  ['path'],
)

export const AsManifest: Story = {}
export const EveryKind: Story = { args: { schema: everyKind } }
export const Changed: Story = { args: { schema: everyKind, value: { count: 7, isOn: false, parts: ['a'] } } }
export const Wrong: Story = {
  args: {
    schema: everyKind,
    isChecked: true,
    value: { count: 11, share: 'much', mode: 'slow', names: ['one', 'two', 'three', 'four'] },
    issues: [{ path: 'options.bare', message: 'must not be empty' }],
  },
}
export const None: Story = { args: { schema: formOf({}) } }

/** Whoever wrote the manifest wrote these texts. They stay text, and stay in their place. */
export const Hostile: Story = {
  args: {
    schema: formOf({
      [hostile.html]: { type: 'string', title: hostile.html, description: hostile.rightToLeft },
      long: { type: 'boolean', title: hostile.long, description: hostile.words },
      choices: {
        type: 'array',
        title: hostile.emoji,
        items: { type: 'string', enum: [hostile.long, hostile.html] },
      },
      one: { type: 'string', title: hostile.control, enum: [hostile.words, hostile.link] },
      hang: { type: 'string', pattern: '^(a+)+$', default: `${'a'.repeat(50)}!` },
    }),
  },
  play: async ({ canvasElement }) => {
    await expect(canvasElement.querySelector('img, script')).toBeNull()
  },
}

export const ByKeyboard: Story = {
  args: { schema: everyKind },
  globals: { theme: 'light' },
  play: async ({ canvas, canvasElement }) => {
    const count = canvas.getByRole('textbox', { name: /A whole number/ })
    await userEvent.clear(count)
    await userEvent.type(count, '99')
    await expect(canvas.getByText('At most 10.')).toBeVisible()
    await expect(count).toHaveAttribute('aria-invalid', 'true')
    await userEvent.clear(count)
    await userEvent.type(count, '5')
    await expect(canvas.queryByText('At most 10.')).toBeNull()
    await expect(canvas.getByText('1 option differs from its default')).toBeVisible()

    // What is half typed stays as it is.
    const share = canvas.getByRole('textbox', { name: /A share/ })
    await userEvent.clear(share)
    await userEvent.type(share, '0.')
    await expect(share).toHaveValue('0.')
    await userEvent.type(share, '25')
    await expect(share).toHaveValue('0.25')

    await userEvent.click(canvas.getByRole('checkbox', { name: 'b' }))
    await expect(canvas.getByRole('checkbox', { name: 'b' })).toBeChecked()
    await userEvent.click(canvas.getByRole('button', { name: 'All back to defaults' }))
    await expect(count).toHaveValue('3')

    await userEvent.type(canvas.getByRole('textbox', { name: 'Search options' }), 'one of')
    await expect(await within(canvasElement).findByText('One of three')).toBeVisible()
    await waitFor(() => expect(canvas.queryByText('A switch')).not.toBeInTheDocument())
  },
}
