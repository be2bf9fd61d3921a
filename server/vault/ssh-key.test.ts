import { execFile } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect, promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toPpk } from '../../testbed/ppk.ts'
import { isAppError } from '../lib/errors.ts'
import { type KeyFile, readKey } from './key-import.ts'
import { generateKeyPair, importKey } from './ssh-key.ts'
import { string, uint32 } from './ssh-wire.ts'

const run = promisify(execFile)
const passphrase = 'correct horse battery staple'
const hasPuttygen = await access('/usr/bin/puttygen').then(
  () => true,
  () => false,
)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carl-keys-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What ssh-keygen itself says about a private key without passphrase. */
async function askSshKeygen(privateKey: string): Promise<{ publicKey: string; fingerprint: string }> {
  const file = join(folder, crypto.randomUUID())
  await writeFile(file, privateKey, { mode: 0o600 })
  const line = (await run('ssh-keygen', ['-y', '-P', '', '-f', file])).stdout.trim()
  await writeFile(`${file}.pub`, line)
  const shown = (await run('ssh-keygen', ['-l', '-f', `${file}.pub`])).stdout
  return { publicKey: line.split(' ').slice(0, 2).join(' '), fingerprint: shown.split(' ')[1] ?? '' }
}

/** The public line of a key, after ssh-keygen has said the same of its private half. */
async function confirmed(key: KeyFile): Promise<string> {
  const publicKey = key.publicKey.split(' ').slice(0, 2).join(' ')
  expect(await askSshKeygen(key.privateKey)).toEqual({ publicKey, fingerprint: key.fingerprint })
  expect(publicKey.startsWith(`${key.type} `)).toBe(true)
  return publicKey
}

/** Makes a key with ssh-keygen; returns the private file and the public line without its comment. */
async function sshKeygen(...options: string[]): Promise<{ text: string; publicKey: string; file: string }> {
  const file = join(folder, crypto.randomUUID())
  await run('ssh-keygen', ['-q', '-a', '1', '-C', 'a comment', '-f', file, ...options])
  const publicKey = (await readFile(`${file}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ')
  return { text: await readFile(file, 'utf8'), publicKey, file }
}

const kinds = {
  ed25519: () => generateKeyPairSync('ed25519').privateKey,
  'RSA 2048': () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  'ECDSA P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  'ECDSA P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  'ECDSA P-521': () => generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
}
const kindNames = Object.keys(kinds) as (keyof typeof kinds)[]
const made = new Map<string, KeyObject>()
function keyOf(kind: keyof typeof kinds): KeyObject {
  const key = made.get(kind) ?? kinds[kind]()
  made.set(kind, key)
  return key
}
const encrypted = { cipher: 'aes-256-cbc', passphrase } as const
const pkcs8 = (key: KeyObject) => String(key.export({ type: 'pkcs8', format: 'pem' }))
/** The older form of the key's own kind: PKCS#1 for RSA, SEC1 for the curves. */
function olderPem(key: KeyObject, options: { cipher?: string; passphrase?: string } = {}): string {
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1'
  return String(key.export({ type, format: 'pem', ...options }))
}

/** The public line of a key that Node made, by way of its PKCS#8 form. */
const publicLine = async (key: KeyObject) => (await readKey(pkcs8(key), null)).publicKey

describe('a key is taken as', () => {
  test.each([
    ['ed25519', ['-t', 'ed25519', '-N', '']],
    ['RSA', ['-t', 'rsa', '-b', '2048', '-N', '']],
    ['ECDSA P-256', ['-t', 'ecdsa', '-b', '256', '-N', '']],
    ['ECDSA P-384', ['-t', 'ecdsa', '-b', '384', '-N', '']],
    ['ECDSA P-521', ['-t', 'ecdsa', '-b', '521', '-N', '']],
    ['ed25519 encrypted with aes256-ctr', ['-t', 'ed25519', '-N', passphrase, '-Z', 'aes256-ctr']],
    [
      'ed25519 encrypted with aes256-gcm',
      ['-t', 'ed25519', '-N', passphrase, '-Z', 'aes256-gcm@openssh.com'],
    ],
    ['ed25519 encrypted with aes256-cbc', ['-t', 'ed25519', '-N', passphrase, '-Z', 'aes256-cbc']],
    ['RSA encrypted', ['-t', 'rsa', '-b', '2048', '-N', passphrase]],
    ['ECDSA encrypted', ['-t', 'ecdsa', '-b', '384', '-N', passphrase]],
  ])('OpenSSH, %s', async (_, options) => {
    const { text, publicKey } = await sshKeygen(...options)
    expect(await confirmed(await readKey(text, options.includes(passphrase) ? passphrase : null))).toBe(
      publicKey,
    )
  })

  test.each(kindNames)('PKCS#8, %s, plain and encrypted', async (kind) => {
    const key = keyOf(kind)
    const plain = await readKey(pkcs8(key), null)
    expect(await confirmed(plain)).toBe(plain.publicKey)
    const sealed = String(key.export({ type: 'pkcs8', format: 'pem', ...encrypted }))
    expect(await confirmed(await readKey(sealed, passphrase))).toBe(plain.publicKey)
  })

  test.each(kindNames.filter((kind) => kind !== 'ed25519'))('PEM, %s, plain and encrypted', async (kind) => {
    const key = keyOf(kind)
    const line = await publicLine(key)
    expect(await confirmed(await readKey(olderPem(key), null))).toBe(line)
    expect(await confirmed(await readKey(olderPem(key, encrypted), passphrase))).toBe(line)
  })

  test.each(
    ([2, 3] as const).flatMap((version) =>
      [null, passphrase].flatMap((secret) => kindNames.map((kind) => [version, kind, secret] as const)),
    ),
  )('PuTTY version %i, %s, passphrase %s', async (version, kind, secret) => {
    const key = keyOf(kind)
    const text = toPpk(key, { version, passphrase: secret })
    expect(await confirmed(await readKey(text, secret))).toBe(await publicLine(key))
  })

  test.each(['Argon2i', 'Argon2d'] as const)('PuTTY version 3 with %s', async (derivation) => {
    const key = keyOf('ed25519')
    const text = toPpk(key, { version: 3, passphrase, derivation })
    expect(await confirmed(await readKey(text, passphrase))).toBe(await publicLine(key))
  })

  test
    .runIf(hasPuttygen)
    .each(
      ['ed25519', 'rsa', 'ecdsa'].flatMap((type) => ['2', '3'].map((version) => [type, version] as const)),
    )('PuTTYgen itself writes it: %s, version %s (needs puttygen)', async (type, version) => {
    const file = join(folder, crypto.randomUUID())
    const secret = `${file}.pass`
    await writeFile(secret, passphrase)
    const made = [
      '-t',
      type,
      '-q',
      '-o',
      file,
      '--new-passphrase',
      secret,
      '--ppk-param',
      `version=${version}`,
    ]
    await run('puttygen', made)
    const line = (await run('puttygen', ['-L', file])).stdout.split(' ').slice(0, 2).join(' ')
    expect(await confirmed(await readKey(await readFile(file, 'utf8'), passphrase))).toBe(line)
  })

  test('whatever pasting did to it', async () => {
    const { text, publicKey } = await sshKeygen('-t', 'ed25519', '-N', '')
    const forms = {
      'Windows line ends': text.replaceAll('\n', '\r\n'),
      'old Macintosh line ends': text.replaceAll('\n', '\r'),
      'byte order mark': `\uFEFF${text}`,
      'leading blanks': text.replace(/^/gm, '    '),
      'blank lines around': `\n\n  \n${text}\n\n`,
      'no final line end': text.trim(),
      'one line': text.replaceAll('\n', ' '),
      'one line without blanks': text.replaceAll('\n', ''),
      'line ends spelt out': text.replaceAll('\n', '\\n'),
      'text before and after': `my key:\n${text}thanks`,
    }
    for (const [form, pasted] of Object.entries(forms)) {
      expect({ form, publicKey: (await readKey(pasted, null)).publicKey }).toEqual({ form, publicKey })
    }
    const pem = olderPem(keyOf('RSA 2048'), encrypted).replaceAll('\n', ' ')
    expect((await readKey(pem, passphrase)).publicKey).toBe(await publicLine(keyOf('RSA 2048')))
  })
})

describe('a key is refused with', () => {
  /** Code and detail of a refusal. What went in must not come out, in no part of the error. */
  async function refusal(text: string, secret: string | null): Promise<string> {
    const error: unknown = await readKey(text, secret).catch((thrown: unknown) => thrown)
    if (!isAppError(error)) return `not refused: ${inspect(error)}`
    const told = inspect(error, { depth: 10 })
    const pieces = text.split(/\s+/).filter((piece) => piece.length > 40)
    const leaked = [passphrase, ...pieces].filter((piece) => told.includes(piece))
    return leaked.length > 0 ? `leaked: ${told}` : `${error.code} ${error.problem.detail}`
  }

  test('passphrase_required or passphrase_wrong, in every encrypted format', async () => {
    const formats = [
      (await sshKeygen('-t', 'ed25519', '-N', passphrase)).text,
      (await sshKeygen('-t', 'ed25519', '-N', passphrase, '-Z', 'aes256-gcm@openssh.com')).text,
      String(keyOf('ed25519').export({ type: 'pkcs8', format: 'pem', ...encrypted })),
      olderPem(keyOf('RSA 2048'), encrypted),
      toPpk(keyOf('ed25519'), { version: 2, passphrase }),
      toPpk(keyOf('ed25519'), { version: 3, passphrase }),
    ]
    for (const text of formats) {
      expect(await refusal(text, null)).toMatch(/^key\.passphrase_required /)
      expect(await refusal(text, '')).toMatch(/^key\.passphrase_required /)
      expect(await refusal(text, 'wrong')).toMatch(/^key\.passphrase_wrong /)
    }
  })

  test('is_public for the public half', async () => {
    const { publicKey, file } = await sshKeygen('-t', 'ed25519', '-N', '')
    expect(await refusal(publicKey, null)).toMatch(/^key\.is_public /)
    expect(await refusal((await run('ssh-keygen', ['-e', '-f', `${file}.pub`])).stdout, null)).toMatch(
      /^key\.is_public /,
    )
    const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' })
    expect(await refusal(String(pem), null)).toMatch(/^key\.is_public /)
  })

  test('hardware for a security key, encrypted or not', async () => {
    const type = 'sk-ssh-ed25519@openssh.com'
    const blob = Buffer.concat([string(type), string(Buffer.alloc(32)), string('ssh:')])
    const file = (cipher: string, derivation: string) =>
      Buffer.concat([
        Buffer.from('openssh-key-v1\0'),
        string(cipher),
        string(derivation),
        string(''),
        uint32(1),
        string(blob),
        string(Buffer.alloc(64)),
      ]).toString('base64')
    for (const body of [file('none', 'none'), file('aes256-ctr', 'bcrypt')]) {
      const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----`
      expect(await refusal(text, null)).toMatch(/^key\.hardware /)
    }
  })

  test('weak for RSA of 1024 bits', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    expect(await refusal(pkcs8(privateKey), null)).toMatch(/^key\.weak .*1024 bits/)
  })

  test('unsupported for what SSH or this server cannot use, saying why', async () => {
    const chacha = await sshKeygen('-t', 'ed25519', '-N', passphrase, '-Z', 'chacha20-poly1305@openssh.com')
    expect(await refusal(chacha.text, passphrase)).toMatch(/^key\.unsupported /)
    const dsa = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey
    expect(await refusal(pkcs8(dsa), null)).toMatch(/^key\.unsupported .*dsa/i)
    const { privateKey: bitcoin } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    expect(await refusal(pkcs8(bitcoin), null)).toMatch(/^key\.unsupported .*secp256k1/)
    expect(await refusal(pkcs8(generateKeyPairSync('ed448').privateKey), null)).toMatch(
      /^key\.unsupported .*ed448/,
    )
    expect(
      await refusal(pkcs8(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey), null),
    ).toMatch(/^key\.unsupported /)
    expect(await refusal('PuTTY-User-Key-File-1: ssh-rsa\nEncryption: none\n', null)).toMatch(
      /^key\.unsupported .*version 1/,
    )
  })

  test('unsupported when opening it would cost too much', async () => {
    const { text } = await sshKeygen('-t', 'ed25519', '-N', passphrase)
    const bytes = Buffer.from(text.replace(/-----.*-----/g, ''), 'base64')
    // Magic, cipher, derivation, then the options: length, salt with its length, rounds.
    const rounds = 15 + 4 + 10 + 4 + 6 + 4 + 4 + 16
    expect(bytes.readUInt32BE(rounds)).toBe(1)
    bytes.writeUInt32BE(5_000, rounds)
    const costly = `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----`
    expect(await refusal(costly, passphrase)).toMatch(/^key\.unsupported .*5000 rounds/)
    const ppk = toPpk(keyOf('ed25519'), { version: 3, passphrase })
    expect(await refusal(ppk.replace('Argon2-Memory: 1024', 'Argon2-Memory: 4194304'), passphrase)).toMatch(
      /^key\.unsupported /,
    )
    expect(await refusal(ppk.replace('Argon2-Passes: 3', 'Argon2-Passes: 99999999'), passphrase)).toMatch(
      /^key\.unsupported /,
    )
    expect(await refusal(pkcs8WithRounds(2_000_000_000), passphrase)).toMatch(
      /^key\.unsupported .*10000000 rounds/,
    )
  })

  test('damaged when a part is missing or changed', async () => {
    const { text } = await sshKeygen('-t', 'ed25519', '-N', '')
    const lines = text.split('\n')
    expect(await refusal(lines.slice(0, -2).join('\n'), null)).toMatch(/^key\.damaged .*last line is missing/)
    expect(await refusal([...lines.slice(0, 3), ...lines.slice(4)].join('\n'), null)).toMatch(
      /^key\.damaged /,
    )
    expect(await refusal([...lines.slice(0, 2), `§${lines[2]}`, ...lines.slice(3)].join('\n'), null)).toMatch(
      /^key\.damaged /,
    )
    const pem = pkcs8(keyOf('RSA 2048')).split('\n')
    expect(await refusal([...pem.slice(0, 5), ...pem.slice(7)].join('\n'), null)).toMatch(/^key\.damaged /)
    const ppk = toPpk(keyOf('ed25519'), { version: 3, passphrase: null })
    expect(await refusal(ppk.replace('Comment: made here', 'Comment: changed'), null)).toMatch(
      /^key\.damaged /,
    )
    expect(await refusal(ppk.split('\n').slice(0, 6).join('\n'), null)).toMatch(/^key\.damaged /)
  })

  test('unrecognised for anything else', async () => {
    for (const text of [
      '',
      'hello',
      '{"key": 1}',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    ]) {
      expect(await refusal(text, null)).toMatch(/^key\.unrecognised /)
    }
    expect(await refusal('x'.repeat(70_000), null)).toMatch(/^key\.unrecognised .*too long/)
  })
})

test('no flipped bit makes another key out of a key', async () => {
  const { text, publicKey } = await sshKeygen('-t', 'ed25519', '-N', '')
  const bytes = Buffer.from(text.replace(/-----.*-----/g, ''), 'base64')
  const results: string[] = []
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    const pasted = `-----BEGIN OPENSSH PRIVATE KEY-----\n${changed.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----`
    results.push(
      await readKey(pasted, null).then(
        (key) => key.publicKey,
        (error: unknown) => (isAppError(error) ? 'refused' : `broke: ${String(error)}`),
      ),
    )
  }
  expect(new Set(results)).toEqual(new Set(['refused', publicKey]))
  // All but the comment and the second copy of the public half, which nothing depends on.
  expect(results.filter((result) => result === 'refused').length).toBeGreaterThan(bytes.length - 60)
})

describe('in its own thread', () => {
  test('a key with passphrase is opened while the server goes on', async () => {
    const { text, publicKey } = await sshKeygen('-t', 'ed25519', '-N', passphrase, '-a', '40')
    let turns = 0
    const beat = setInterval(() => turns++, 5)
    const key = await importKey(text, passphrase)
    clearInterval(beat)
    expect(turns).toBeGreaterThan(10)
    expect(await confirmed({ ...key, privateKey: key.privateKey.reveal() })).toBe(publicKey)
    expect(inspect(key, { depth: 10 })).not.toContain('PRIVATE KEY')
    expect(JSON.stringify(key)).not.toContain('PRIVATE KEY')
  })

  test('a refusal keeps its code and words', async () => {
    await expect(importKey('hello', null)).rejects.toMatchObject({ code: 'key.unrecognised' })
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    await expect(importKey(pkcs8(privateKey), null)).rejects.toMatchObject({
      code: 'key.weak',
      problem: { detail: expect.stringContaining('1024') },
    })
  })
})

describe('a generated key', () => {
  test('is ed25519, new every time, and what ssh-keygen expects', async () => {
    const [one, two] = [await generateKeyPair('carl: nas'), await generateKeyPair('carl: nas')]
    expect(one.fingerprint).not.toBe(two.fingerprint)
    expect(one.publicKey).toMatch(/^ssh-ed25519 AAAA\S+ carl: nas$/)
    expect(await confirmed({ ...one, privateKey: one.privateKey.reveal() })).toMatch(/^ssh-ed25519 AAAA\S+$/)
  })

  test('cannot smuggle a second line into authorized_keys by its comment', async () => {
    const { publicKey } = await generateKeyPair('nas\nssh-ed25519 AAAA evil\u2028x')
    expect(publicKey.split(/[\n\r\u2028]/)).toHaveLength(1)
  })
})

/** The beginning of an encrypted PKCS#8 key that asks for so many rounds. */
function pkcs8WithRounds(rounds: number): string {
  const der = (tag: number, ...parts: Buffer[]) => {
    const content = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([tag, content.length]), content])
  }
  const id = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
  const derivation = der(
    0x30,
    id('2a864886f70d01050c'),
    der(0x30, der(0x04, Buffer.alloc(8)), der(0x02, uint32(rounds))),
  )
  const cipher = der(0x30, id('60864801650304012a'), der(0x04, Buffer.alloc(16)))
  const scheme = der(0x30, id('2a864886f70d01050d'), der(0x30, derivation, cipher))
  const body = der(0x30, scheme, der(0x04, Buffer.alloc(32))).toString('base64')
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${body}\n-----END ENCRYPTED PRIVATE KEY-----\n`
}
