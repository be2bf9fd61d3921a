import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type TestHouse, testHouse } from '../../testbed/house.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'
import { rotateSshKey } from './rotate-ssh-key.ts'

let sshd: TestSshd
let house: TestHouse

beforeAll(async () => {
  sshd = await startSshd({ keysInHome: true })
  house = await testHouse()
  await house.drive.addNode(sshd)
})
afterAll(async () => {
  await house.close()
  await sshd.stop()
})

/** What the command prints, and its exit status. */
async function rotate(node: string, more: { removeUploaded?: boolean; json?: boolean } = {}) {
  let out = ''
  const hear = (text: string | Uint8Array) => ((out += String(text)), true)
  vi.spyOn(process.stdout, 'write').mockImplementation(hear)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const status = await rotateSshKey(node, { removeUploaded: false, json: false, ...more }, house.config)
  return { status, out }
}

test('an unknown node, and a key that others may use, are refused in words', async () => {
  await expect(rotate('nobody')).rejects.toMatchObject({ problem: { code: 'node.not_found' } })
  await expect(rotate('nas')).rejects.toMatchObject({ problem: { code: 'key.uploaded' } })
})

test('the command ends when the new key is in force, and says when the old one goes', async () => {
  const { status, out } = await rotate('nas', { removeUploaded: true })
  expect(status).toBe(0)
  expect(out).toMatch(/nas is opened by SHA256:\S+\.\n {2}The old key goes after 3 successful runs, or on 20/)
})

test('a line that has to be pasted is printed, and the exit status says that it is not done', async () => {
  const gated = await startSshd({ keysInHome: true, keyOptions: 'command="exit 77"' })
  try {
    await house.drive.addNode(gated, { name: 'gated' })
    const { status, out } = await rotate('gated', { removeUploaded: true, json: true })
    expect(status).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      rotation: {
        waitsForPerson: true,
        line: expect.stringMatching(/^ssh-ed25519 \S+ carl-gated-/) as unknown,
      },
    })
  } finally {
    await gated.stop()
  }
})
