import { describe, expect, test } from 'vitest'
import { parseProbe } from './probe.ts'

const facts = (text: string) => Object.fromEntries(parseProbe(text, 'MARK').facts)

describe('reading what a node tells about itself', () => {
  test.each<[what: string, text: string, found: Record<string, string>, noise: string]>([
    ['plain lines', 'MARK uid=0\nMARK os=debian\n', { uid: '0', os: 'debian' }, ''],
    ['a value with an equals sign', 'MARK kernel=Linux 6.1 a=b\n', { kernel: 'Linux 6.1 a=b' }, ''],
    ['an empty value', 'MARK shell=\n', { shell: '' }, ''],
    ['a login that greets first', 'Welcome!\nMARK uid=0\n', { uid: '0' }, 'Welcome!'],
    ['a greeting without a line feed', 'Welcome! MARK uid=0\n', { uid: '0' }, 'Welcome!'],
    ['lines of another mark', 'OTHER uid=0\n', {}, 'OTHER uid=0'],
    ['a line that was cut off', 'MARK uid', {}, ''],
    ['the same thing told twice', 'MARK uid=0\nMARK uid=1000\n', { uid: '0' }, ''],
    ['terminal sequences', 'MARK os=\u001b[31mde\u0007bian\n', { os: '[31mde bian' }, ''],
    ['text that turns its direction', 'MARK os=a\u202eb\n', { os: 'a b' }, ''],
    ['a very long value', `MARK os=${'x'.repeat(5_000)}\n`, { os: 'x'.repeat(400) }, ''],
    ['nothing at all', '', {}, ''],
  ])('%s', (_what, text, found, noise) => {
    expect(facts(text)).toEqual(found)
    expect(parseProbe(text, 'MARK').noise).toBe(noise)
  })

  test('a node that floods is not read to the end', () => {
    expect(parseProbe('noise\n'.repeat(100_000), 'MARK').noise.length).toBeLessThan(2_000)
  })

  test.each([
    ['/dev/sda1 1000 900 100 90% / /tmp', [{ place: '/tmp', freeBytes: 102_400 }]],
    ['/dev/sda1  1000  1000  0 100% / /root', [{ place: '/root', freeBytes: 0 }]],
    // The blocks kept for root make free space negative where root has taken of them.
    ['/dev/sda1 1000 1010 -10 101% / /tmp', [{ place: '/tmp', freeBytes: 0 }]],
    ['//nas/my share 1000 1 999 1% /mnt/my share /home/a', [{ place: '/home/a', freeBytes: 1_022_976 }]],
    ['overlay 0 0 0 0% / /tmp', []],
    ['df: /nowhere: No such file or directory /tmp', []],
    [' /tmp', []],
  ])('free space from %j', (line, disks) => {
    expect(parseProbe(`MARK disk=${line}\n`, 'MARK').disks).toEqual(disks)
  })
})
