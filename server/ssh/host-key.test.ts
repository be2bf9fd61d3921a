import { expect, test } from 'vitest'
import { algorithmsFor } from './algorithms.ts'
import { fingerprintOf, hostKeyOf, isTrusted } from './host-key.ts'

/** The fingerprint below is what `ssh-keygen -lf` prints of it. */
const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIIldyFD6C628bTvmv+Rnr4D2ZCY3E6WFTt61TC/CA+VH'
const ed25519 = hostKeyOf(Buffer.from(key, 'base64'))
const pinned = (type: string) => ({ type, key: '', fingerprint: '' })

test('a fingerprint reads as ssh-keygen prints it', () => {
  expect(fingerprintOf(Buffer.from(key, 'base64'))).toBe('SHA256:WHqsiZVwnEg9komaGwu9lcZ/heLHHoQmkO3DzV/2k8U')
  expect(ed25519).toEqual({
    type: 'ssh-ed25519',
    key,
    fingerprint: fingerprintOf(Buffer.from(key, 'base64')),
  })
})

test.each(['', 'AAAA', '/////w==', 'AAAABhsbGxsbGw=='])(
  'a damaged key (%j) is of an unknown type',
  (text) => {
    expect(hostKeyOf(Buffer.from(text, 'base64')).type).toBe('unknown')
  },
)

test('only the very same key is trusted', () => {
  const other = hostKeyOf(Buffer.from(key.replace('VH', 'VI'), 'base64'))
  expect(isTrusted(ed25519, [other, ed25519])).toBe(true)
  expect(isTrusted(ed25519, [other])).toBe(false)
  expect(isTrusted(ed25519, [{ ...other, fingerprint: ed25519.fingerprint }])).toBe(false)
  expect(isTrusted(ed25519, [])).toBe(false)
})

test('only the types of trusted keys are asked for', () => {
  const offered = (types: string[], legacy = false) => algorithmsFor(types.map(pinned), legacy).serverHostKey
  expect(offered(['ssh-ed25519'])).toEqual(['ssh-ed25519'])
  expect(offered(['ssh-rsa'])).toEqual(['rsa-sha2-512', 'rsa-sha2-256'])
  expect(offered(['ssh-rsa'], true)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'])
  expect(offered(['ecdsa-sha2-nistp256', 'ssh-ed25519'])).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256'])
  expect(offered([])).toContain('rsa-sha2-512')
})

test('a key that cannot be checked is not replaced by one that can', () => {
  expect(() => algorithmsFor([pinned('sk-ssh-ed25519@openssh.com')], false)).toThrow(
    expect.objectContaining({ code: 'ssh.no_common_algorithm' }),
  )
})

test.each([false, true])(
  'group-exchange, which would freeze the server, is never offered (legacy: %s)',
  (legacy) => {
    expect(JSON.stringify(algorithmsFor([], legacy))).not.toContain('group-exchange')
  },
)

test('broken algorithms are offered only where they are allowed', () => {
  expect(JSON.stringify(algorithmsFor([], false))).not.toMatch(/sha1|cbc|"ssh-rsa"/)
  expect(JSON.stringify(algorithmsFor([], true))).toMatch(/sha1.*ssh-rsa.*cbc/)
})
