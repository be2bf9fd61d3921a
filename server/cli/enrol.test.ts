import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type TestHouse, testHouse } from '../../testbed/house.ts'
import { enrol } from './enrol.ts'

let server: TestHouse
beforeAll(async () => {
  server = await testHouse()
  const { client } = server.drive
  const { id } = await client.credentials.create({ body: { kind: 'generate', name: 'carl' } })
  const where = { host: '192.0.2.7', username: 'carl' }
  await client.nodes.create({ body: { ...where, name: 'nas', credentialId: id, elevation: 'commands' } })
  await client.nodes.create({ body: { ...where, name: 'shut' } })
})
afterAll(() => server.close())

async function printed(node: string, given: Partial<Parameters<typeof enrol>[1]> = {}): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    expect(await enrol(node, { jump: false, remove: false, ...given }, server.config)).toBe(0)
    return write.mock.calls.map(([text]) => String(text)).join('')
  } finally {
    write.mockRestore()
  }
}

test('the block of a node lets its key in for what is granted there', async () => {
  const block = await printed('nas', { from: '192.0.2.1' })
  expect(block).toMatch(/^bundle [0-9a-f]{64} system-health 1\.\d+\.\d+$/m)
  expect(block).not.toMatch(/^bundle [0-9a-f]{64} hello/m)
  expect(block).toContain('restrict,from="192.0.2.1",command="/usr/local/lib/carl/carl/gate" ssh-ed25519 ')
  expect(block).toContain('carl ALL=(root) NOPASSWD: CARL_SYSTEM_HEALTH')
  expect(await printed('nas', { jump: true })).toContain('restrict,port-forwarding,command=')
})

test('the line that undoes it is one line', async () => {
  expect((await printed('nas', { remove: true })).trimEnd().split('\n')).toHaveLength(1)
})

test.each([
  ['a node that is not there', 'nix', 'node.not_found'],
  ['a node without a credential', 'shut', 'credential.missing'],
])('there is none for %s', async (_, node, code) => {
  await expect(printed(node)).rejects.toMatchObject({ code })
})
