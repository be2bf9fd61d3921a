import { expect, test } from 'vitest'
import { isComplete, parseVariables, toSecret } from './secret-values.ts'

test('variables are read as they stand in a shell file', () => {
  const text = `
    # of the provider
    export AWS_ACCESS_KEY_ID=AKIA
    AWS_SECRET_ACCESS_KEY="a=b c"
    B2_ACCOUNT_KEY='x'`
  expect(parseVariables(text)).toEqual({
    variables: { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'a=b c', B2_ACCOUNT_KEY: 'x' },
    wrong: null,
  })
})

test.each([
  ['LD_PRELOAD=/tmp/x.so', 'LD_PRELOAD'],
  ['RESTIC_PASSWORD_COMMAND=cat', 'RESTIC_PASSWORD_COMMAND'],
  ['just some text', '…'],
])('of %s only the name is told', (text, wrong) => {
  expect(parseVariables(text)).toEqual({ variables: {}, wrong })
  expect(isComplete({ password: 'x', variables: text })).toBe(false)
})

test('a password is sent exactly as it was typed', () => {
  expect(toSecret({ password: ' p"w ', variables: '' })).toEqual({ password: ' p"w ', variables: {} })
  expect(isComplete({ password: '', variables: '' })).toBe(false)
})
