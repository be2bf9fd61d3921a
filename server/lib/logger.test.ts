import { beforeEach, expect, test } from 'vitest'
import { fail } from './errors.ts'
import { createLogger, withLogContext } from './logger.ts'
import { Secret } from './secret.ts'

let written: string
const logger = createLogger('info', { write: (line) => void (written += line) })
const facts = () => JSON.parse(written) as Record<string, unknown>

beforeEach(() => {
  written = ''
})

test.each([
  { password: 'canary' },
  { currentPassword: 'canary' },
  { body: { user: { sudoPassword: 'canary' } } },
  { credentials: [{ privateKey: 'canary' }] },
  { headers: { authorization: 'Bearer canary', cookie: 'carl=canary', 'set-cookie': ['carl=canary'] } },
  { oidc: { client_secret: 'canary', id_token: 'canary', code_verifier: 'canary' } },
  { 'x-api-key': 'canary', apiKey: 'canary', master_key: 'canary' },
  { totpSecret: 'canary', recoveryCodes: ['canary'] },
  { token: new Secret('canary') },
  { anything: new Secret('canary') },
  { a: { b: { c: { d: { e: { f: { g: 'canary' } } } } } } },
])('%j is written without what is secret in it', (given) => {
  logger.info(given, 'something happened')
  expect(written).toContain('something happened')
  expect(written).not.toContain('canary')
})

test('what was hung on an error, or on what caused it, is masked as well', () => {
  const cause = Object.assign(new Error('inside'), { options: { passphrase: 'canary' } })
  const error = Object.assign(fail('server.bug', { cause }), { request: { token: 'canary' } })
  logger.error({ err: error }, 'request failed')
  expect(written).not.toContain('canary')
  expect(facts().err).toMatchObject({ type: 'AppError', stack: expect.stringContaining('logger.test.ts') })
})

test('plain facts stay as they are', () => {
  const given = {
    tokenId: 'tok_1',
    hasSudoPassword: true,
    count: 3,
    at: new Date(0),
    list: [{ key: 'a' }],
    password: null,
  }
  withLogContext({ requestId: 'r1' }, () => logger.info(given, 'm'))
  expect(facts()).toMatchObject({ ...given, at: '1970-01-01T00:00:00.000Z', requestId: 'r1', msg: 'm' })
})
