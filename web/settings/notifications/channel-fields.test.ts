import { expect, test } from 'vitest'
import { channelKinds, channelSecrets, channelSettings } from '../../../contract/notifications.ts'
import { channelFields, fromDrafts, listOf, newSigningSecret, toDrafts } from './channel-fields.ts'

test.each(channelKinds)('the form of %s asks for all that the contract has, and for nothing else', (kind) => {
  const shape = channelSettings.options.find((option) => option.shape.kind.value === kind)?.shape
  const wanted = [...Object.keys(shape ?? {}), ...Object.keys(channelSecrets[kind].shape)]
  expect(channelFields[kind].map(({ name }) => name).toSorted()).toEqual(
    wanted.filter((name) => name !== 'kind').toSorted(),
  )
})

test('what is stored comes back as it was, without its secrets', () => {
  const settings = channelSettings.parse({
    kind: 'email',
    host: 'mail.home.lan',
    from: 'carl@home.lan',
    to: ['anna@home.lan', 'ben@home.lan'],
  })
  const drafts = toDrafts('email', settings)
  expect(drafts['to']).toBe('anna@home.lan, ben@home.lan')
  expect(fromDrafts('email', drafts)).toEqual({ settings, secrets: {} })
  expect(fromDrafts('email', { ...drafts, password: 'p w' }).secrets).toEqual({ password: 'p w' })
})

test.each([
  ['a@b.c,d@e.f', ['a@b.c', 'd@e.f']],
  [' a@b.c \n d@e.f; ', ['a@b.c', 'd@e.f']],
  ['', []],
])('%j is a list', (draft, items) => {
  expect(listOf(draft)).toEqual(items)
})

test('a signing secret that is made up is one that the server takes', () => {
  const secrets = { url: 'https://hooks.home.lan/carl', secret: newSigningSecret() }
  expect(channelSecrets.webhook.parse(secrets)).toEqual(secrets)
})
