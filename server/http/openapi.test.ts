import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { api } from '../../contract/api.ts'
import { createOpenApi } from './openapi.ts'

const document = createOpenApi({ api, basePath: '/lab', version: '1.2.3' })
const linter = fileURLToPath(new URL('../../node_modules/@redocly/cli/bin/cli.js', import.meta.url))

test('the description passes the linter without errors', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carl-openapi-'))
  try {
    const file = join(folder, 'openapi.json')
    await writeFile(file, JSON.stringify(document))
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [linter, 'lint', file, '--extends', 'recommended', '--format', 'json'],
      // It must neither tell nor ask anybody anything.
      {
        cwd: folder,
        env: { PATH: '', HOME: folder, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
      },
    )
    const { totals, problems } = JSON.parse(stdout) as { totals: { errors: number }; problems: object[] }
    expect([totals.errors, problems.filter((one) => 'severity' in one && one.severity === 'error')]).toEqual([
      0,
      [],
    ])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('every call is described at its path, with its permission', () => {
  const described = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Record<string, unknown>>).map(
      ([method, operation]) =>
        `${method.toUpperCase()} ${path} ${String(operation['operationId'])} ${String(operation['x-permission'])}`,
    ),
  )
  const promised = Object.entries(api).flatMap(([feature, calls]) =>
    Object.entries(calls).map(
      ([call, { method, path, permission }]) =>
        `${method} ${path.replace(/:(\w+)/g, '{$1}')} ${feature}.${call} ${permission}`,
    ),
  )
  expect(described.sort()).toEqual(promised.sort())
})

test('every shape with a name is described once', () => {
  const names = Object.keys(document.components?.schemas ?? {})
  expect(names).toContain('Node')
  expect(names).toContain('Error')
  expect(names.filter((name) => /(Output|Input|\d)$/.test(name))).toEqual([])
  expect(JSON.stringify(document)).not.toContain('$defs')
})

test('addresses start with the base path, and nothing but setting up, signing in and webhooks is open to all', () => {
  expect(document.servers).toEqual([{ url: '/lab/api/v1' }])
  expect(document.paths?.['/nodes']?.get).toMatchObject({ responses: { 401: {}, 403: {}, 422: {} } })
  const open = Object.entries(document.paths ?? {})
    .flatMap(([path, methods]) =>
      Object.entries(methods as object).map(([method, one]) => ({ path, method, one })),
    )
    .filter(({ one }) => Array.isArray((one as { security?: unknown }).security))
    .map(({ path, method }) => `${method} ${path}`)
  expect(open.sort()).toEqual([
    'get /openapi.json',
    'get /setup',
    'get /single-sign-on',
    'get /version',
    // By the secret in their path.
    'post /hooks/{secret}',
    // With the link of a server that nobody has claimed.
    'post /restore',
    'post /restore/confirm',
    'post /restore/open',
    'post /restore/parts',
    'post /session',
    'post /session/link',
    'post /session/passkey',
    'post /session/passkey/options',
    'post /session/second-factor',
    'post /setup',
    'post /single-sign-on',
    'post /single-sign-on/answer',
    'post /single-sign-on/proxy',
    'post /single-sign-on/signed-out',
    'post /unseal',
  ])
})
