import { expect, test } from 'vitest'
import { momentOfId } from './moment-of-id.ts'

test('an id says when it was made', () => {
  expect(new Date(momentOfId('exe_01m8afcymktajm92a67ckxnk2t')).toISOString()).toBe(
    '2026-11-25T23:07:07.283Z',
  )
})
