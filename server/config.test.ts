import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Config, environment, readConfig } from './config.ts'
import { isAppError } from './lib/errors.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'carl-config-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function refusalOf(env: Record<string, string>): string {
  try {
    readConfig(env)
  } catch (error) {
    if (isAppError(error) && error.code === 'config.invalid') return error.problem.detail
    throw error
  }
  return 'accepted'
}

const defaults: Config = {
  dataFolder: resolve('data'),
  port: 3_000,
  apiPort: null,
  host: '0.0.0.0',
  basePath: '',
  publicUrl: null,
  trustedProxies: [],
  proxyHeaders: null,
  proxySignOutUrl: null,
  logLevel: 'info',
  masterKeyFile: null,
  masterKeyCommand: null,
  masterKeyPassphrase: false,
  auditCheckpointFile: expect.stringMatching(/audit-checkpoints\.jsonl$/),
  adminPassword: null,
  claudeProgram: 'claude',
  modelStandIn: null,
  ownAgentsFolder: resolve('data/agents'),
  agentsFolder: null,
  allowNetworkStorage: false,
}

test('nothing has to be set', () => {
  expect(readConfig({})).toEqual(defaults)
})

test('what is set to nothing counts as not set, as in a compose file', () => {
  const empty = Object.fromEntries(Object.keys(environment.shape).map((name) => [name, '']))
  expect(readConfig(empty)).toEqual(defaults)
})

test('what other programs read is left alone', () => {
  expect(readConfig({ PATH: '/bin', HOME: undefined })).toEqual(defaults)
})

test('every variable has a sentence for the help', () => {
  const sentences = Object.values(environment.shape).map(({ description }) => description)
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*[.]$/)
})

describe('a variable is read', () => {
  test.each<[name: string, value: string, read: Partial<Config>]>([
    ['DATA_DIR', '/srv/carl', { dataFolder: '/srv/carl', ownAgentsFolder: '/srv/carl/agents' }],
    ['DATA_DIR', 'here', { dataFolder: resolve('here'), ownAgentsFolder: resolve('here/agents') }],
    ['PORT', '8080', { port: 8_080 }],
    ['PORT', '0', { port: 0 }],
    ['API_PORT', '8081', { apiPort: 8_081 }],
    ['HOST', '127.0.0.1', { host: '127.0.0.1' }],
    ['BASE_PATH', '/', { basePath: '' }],
    ['BASE_PATH', '/carl', { basePath: '/carl' }],
    ['BASE_PATH', '/home/carl/', { basePath: '/home/carl' }],
    ['PUBLIC_URL', 'https://carl.example.com', { publicUrl: 'https://carl.example.com' }],
    ['PUBLIC_URL', 'http://nas:3000/carl/', { publicUrl: 'http://nas:3000/carl' }],
    ['TRUSTED_PROXIES', '10.0.0.1', { trustedProxies: ['10.0.0.1'] }],
    ['TRUSTED_PROXIES', ' 10.0.0.0/8, ::1 ,', { trustedProxies: ['10.0.0.0/8', '::1'] }],
    ['LOG_LEVEL', 'debug', { logLevel: 'debug' }],
    ['MASTER_KEY_FILE', '/run/secrets/key', { masterKeyFile: '/run/secrets/key' }],
    ['MASTER_KEY_COMMAND', 'pass show carl', { masterKeyCommand: 'pass show carl' }],
    ['AGENTS_DIR', '/srv/agents', { agentsFolder: '/srv/agents' }],
    ['ALLOW_NETWORK_STORAGE', 'yes', { allowNetworkStorage: true }],
    ['ALLOW_NETWORK_STORAGE', 'off', { allowNetworkStorage: false }],
  ])('%s=%s', (name, value, read) => {
    expect(readConfig({ [name]: value })).toEqual({ ...defaults, ...read })
  })
})

describe('a wrong value is refused by the name of its variable', () => {
  test.each<[name: string, value: string]>([
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', 'http'],
    ['PORT', ' '],
    ['PORT', '0x50'],
    ['API_PORT', 'none'],
    ['BASE_PATH', 'carl'],
    ['BASE_PATH', '/../x y'],
    ['PUBLIC_URL', 'carl.example.com'],
    ['PUBLIC_URL', 'javascript:alert(1)'],
    ['TRUSTED_PROXIES', 'proxy.example.com'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_HEADER_USER', 'Remote User'],
    ['TRUSTED_HEADER_SIGN_OUT_URL', 'javascript:alert(1)'],
    ['LOG_LEVEL', 'loud'],
    ['ALLOW_NETWORK_STORAGE', 'perhaps'],
    ['ADMIN_PASSWORD_FILE', '/nowhere/password'],
  ])('%s=%s', (name, value) => {
    expect(refusalOf({ [name]: value })).toMatch(new RegExp(`^${name}\\b`))
  })

  test('all of them at once', () => {
    expect(refusalOf({ PORT: 'x', LOG_LEVEL: 'y' })).toMatch(/^PORT: .*; LOG_LEVEL: /)
  })
})

test('a proxy says who somebody is only where it is named and told to', () => {
  const env = { TRUSTED_HEADER_USER: 'Remote-User', TRUSTED_PROXIES: '10.0.0.1' }
  expect(readConfig(env).proxyHeaders).toEqual({ user: 'remote-user', groups: 'remote-groups' })
  expect(
    readConfig({ TRUSTED_PROXIES: '10.0.0.1', TRUSTED_HEADER_GROUPS: 'X-Groups' }).proxyHeaders,
  ).toBeNull()
  expect(refusalOf({ TRUSTED_HEADER_USER: 'Remote-User' })).toMatch(/without TRUSTED_PROXIES/)
})

describe('every variable', () => {
  const names = Object.keys(environment.shape)

  test.each(names)('%s may stand in a file, and not in both', (name) => {
    const file = join(folder, `of-${name}`)
    const value = valid[name] ?? 'some'
    writeFileSync(file, `${value}\n`)
    const around = name === 'TRUSTED_HEADER_USER' ? { TRUSTED_PROXIES: '10.0.0.1' } : {}
    const given = { ...around, [name]: value }
    expect(readConfig({ ...around, [`${name}_FILE`]: file })).toEqual(readConfig(given))
    const refusal = refusalOf({ ...given, [`${name}_FILE`]: file })
    expect(refusal).toBe(`${name} and ${name}_FILE are both set; set one of them`)
  })
  const valid: Readonly<Record<string, string>> = {
    PORT: '4000',
    API_PORT: '4001',
    BASE_PATH: '/carl',
    PUBLIC_URL: 'https://carl.example.com',
    TRUSTED_PROXIES: '10.0.0.1',
    TRUSTED_HEADER_SIGN_OUT_URL: 'https://auth.example.com/logout',
    LOG_LEVEL: 'warn',
    MASTER_KEY_PASSPHRASE: 'yes',
    MODEL_STAND_IN: 'http://127.0.0.1:4010',
    ALLOW_NETWORK_STORAGE: 'yes',
  }
})

describe('the password of the first administrator', () => {
  const fileWith = (text: string) => {
    const file = join(folder, `password-${text.length}`)
    writeFileSync(file, text)
    return file
  }

  test('comes from the variable', () => {
    expect(readConfig({ ADMIN_PASSWORD: 'correct horse' }).adminPassword?.reveal()).toBe('correct horse')
  })

  test.each<[text: string, password: string]>([
    ['correct horse', 'correct horse'],
    ['correct horse\n', 'correct horse'],
    ['correct horse\r\n', 'correct horse'],
    [' spaces count \n\n', ' spaces count \n'],
  ])('comes from a file without its last line end: %j', (text, password) => {
    const config = readConfig({ ADMIN_PASSWORD_FILE: fileWith(text) })
    expect(config.adminPassword?.reveal()).toBe(password)
  })

  test('is not taken from an empty file', () => {
    expect(refusalOf({ ADMIN_PASSWORD_FILE: fileWith('\n') })).toContain('ADMIN_PASSWORD_FILE is empty')
  })

  test('is not taken when it is given twice: nobody could say which one counts', () => {
    const env = { ADMIN_PASSWORD: 'canary', ADMIN_PASSWORD_FILE: fileWith('other') }
    expect(refusalOf(env)).toBe('ADMIN_PASSWORD and ADMIN_PASSWORD_FILE are both set; set one of them')
  })

  test('says of a file that is closed to it whose it is, and what to do', () => {
    const file = fileWith('closed to me')
    chmodSync(file, 0o000)
    // Root reads everything.
    if (process.getuid?.() === 0) return
    expect(refusalOf({ ADMIN_PASSWORD_FILE: file })).toMatch(
      /belongs to \d+:\d+ with mode 0000, .*chown or chmod/,
    )
  })

  test('is never printed', () => {
    const config = readConfig({ ADMIN_PASSWORD: 'canary' })
    const printed = [JSON.stringify(config), inspect(config), String(config.adminPassword)].join()
    expect(printed).not.toContain('canary')
    expect(refusalOf({ ADMIN_PASSWORD: 'canary', PORT: 'x' })).not.toContain('canary')
  })
})
