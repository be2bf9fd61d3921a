import { expect, test } from 'vitest'
import { readSecrets } from './read-secrets.ts'

test.each([
  ['', {}, null],
  [
    '# of the house\n\nchannel/ops/url: https://a.example/x:y',
    { 'channel/ops/url': 'https://a.example/x:y' },
    null,
  ],
  ['models/anthropic: "sk: 1"\n', { 'models/anthropic': 'sk: 1' }, null],
  ['channel/a/b: 1\nnonsense', { 'channel/a/b': '1' }, 2],
  ['channel/a/b:', {}, 1],
])('%j', (text, secrets, wrongLine) => {
  expect(readSecrets(text)).toEqual({ secrets, wrongLine })
})
