import { expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { createResolve, toDnsFailure } from './resolve.ts'

const resolve = createResolve({ clock: systemClock })

test.each([
  ['192.168.1.5', '192.168.1.5'],
  ['fd00::5', 'fd00::5'],
  ['[fd00::5]', 'fd00::5'],
  ['fe80::1%eth0', 'fe80::1%eth0'],
])('%s is an address already', async (host, address) => {
  expect(await resolve(host)).toEqual([address])
})

test('every address of a name is found', async () => {
  expect(await resolve('localhost')).toEqual(
    expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]),
  )
})

test.each([
  ['ENOTFOUND', 'ssh.dns_not_found'],
  ['ENODATA', 'ssh.dns_not_found'],
  ['EAI_AGAIN', 'ssh.dns_temporary'],
  ['EAI_FAIL', 'ssh.dns_temporary'],
  ['ECONNREFUSED', 'ssh.dns_temporary'],
])('%s of the name server means %s', (code, told) => {
  expect(toDnsFailure('nas.lan', Object.assign(new Error(code), { code }))).toMatchObject({ code: told })
})
