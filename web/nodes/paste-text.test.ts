import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { toSudoers } from '../../contract/sudoers.ts'
import { isPlainFrom, isPlainUser, type PasteWish, toPasteText, toUndoText } from './paste-text.ts'

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2Zw0l7mW9tYH4o3t0mQy0l0o2mZ5c6JqK5h5m8y1Zs carl'
const sudoers = toSudoers('system-health', [{ why: 'To read', argv: ['dmesg'] }])

const text = (wish: Partial<PasteWish> = {}) =>
  toPasteText({ publicKey: key, username: 'carl', from: '', isJump: false, sudoers: '', ...wish })

describe('the block to paste', () => {
  test('lets in one key, restricted to this server, and nothing more', () => {
    expect(text({ from: '192.168.1.10' })).toContain(
      `KEY='restrict,from="192.168.1.10" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2Zw0l7mW9tYH4o3t0mQy0l0o2mZ5c6JqK5h5m8y1Zs carl'`,
    )
    expect(text({ isJump: true })).toContain("KEY='restrict,port-forwarding ssh-ed25519")
  })

  test('makes no user where root is the user', () => {
    expect(text({ username: 'root' })).not.toContain('useradd')
    expect(text({ username: 'root' })).toContain('/root/.ssh/authorized_keys')
  })

  test.each<[what: string, wish: Partial<PasteWish>]>([
    ['a user name that is a command', { username: 'carl; reboot' }],
    ['an option for a user name', { username: '-rf' }],
    ['an address that ends the quotes', { from: '10.0.0.1" command="reboot' }],
    ['a key with a quote', { publicKey: "ssh-ed25519 AAAA'$(reboot)' carl" }],
    ['a key of several lines', { publicKey: 'ssh-ed25519 AAAA\nreboot' }],
    ['sudo rules that end too soon', { sudoers: 'a\nCARL\nreboot' }],
  ])('is not written with %s', (_what, wish) => {
    expect(text(wish)).toBeNull()
  })

  test('leaves the remark of a key out, whatever it says', () => {
    expect(text({ publicKey: "ssh-ed25519 AAAA it's mine; reboot" })).toContain(
      "KEY='restrict ssh-ed25519 AAAA carl'",
    )
  })

  test('does what it says in a real shell, also when it is pasted twice', () => {
    const folder = mkdtempSync(join(tmpdir(), 'carl-paste-'))
    try {
      // What changes users and rights is only written down; the rest really runs, in a folder of this test.
      const stand = (name: string) => `${name}() { echo "${name} $*" >> '${folder}/done'; }\n`
      const block = (text({ sudoers }) ?? '').replaceAll('/home/carl', `${folder}/home`)
      const script = `mkdir -p '${folder}/home/.ssh'\n${['id', 'useradd', 'usermod', 'install', 'chown', 'visudo'].map(stand).join('')}id() { return 1; }\n${block}`
      writeFileSync(join(folder, 'script'), script)
      for (let time = 0; time < 2; time++) {
        const { status, stderr } = spawnSync('sh', [join(folder, 'script')], { encoding: 'utf8' })
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      }
      const keys = readFileSync(join(folder, 'home/.ssh/authorized_keys'), 'utf8')
      expect(keys.split('\n').filter(Boolean)).toHaveLength(1)
      expect(keys).toMatch(/^restrict ssh-ed25519 AAAA\S+ carl\n$/)
      const done = readFileSync(join(folder, 'done'), 'utf8')
      expect(done).toContain('useradd --create-home --shell /bin/sh carl\nusermod -p * carl\n')
      expect(done).toMatch(/visudo -cf \S+\ninstall -m 440 -o root -g root \S+ \/etc\/sudoers\.d\/carl\n/)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

test('what was made can be undone, and root is never deleted', () => {
  expect(toUndoText('carl')).toBe('rm -f /etc/sudoers.d/carl\nuserdel --remove carl\n')
  expect(toUndoText('root')).toBeNull()
  expect(toUndoText('$(reboot)')).toBeNull()
})

test.each([
  ['carl', true],
  ['_svc-1', true],
  ['Carl', false],
  ['', false],
  ['a'.repeat(33), false],
])('%s as a user name: %s', (name, isPlain) => {
  expect(isPlainUser(name)).toBe(isPlain)
})

test.each([
  ['', true],
  ['10.0.0.0/8,fd00::/8,*.lan', true],
  ['10.0.0.1 ', false],
  ["x'", false],
])('"%s" as an address to come from: %s', (from, isPlain) => {
  expect(isPlainFrom(from)).toBe(isPlain)
})
