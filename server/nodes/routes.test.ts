import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodesApi } from '../../contract/nodes.ts'
import { anna, nodeFloor, type NodeFloor } from '../../testbed/node-floor.ts'
import { fingerprintOf } from '../ssh/host-key.ts'
import { createNodeRoutes } from './routes.ts'

let floor: NodeFloor
beforeEach(async () => {
  floor = await nodeFloor()
})
afterEach(() => floor.close())

const key = Buffer.from('a host key, as far as its fingerprint goes')
const other = fingerprintOf(Buffer.from('another'))

async function confirm(fingerprint: string) {
  const { id } = await floor.addNode('nas')
  const { confirmHostKey } = createNodeRoutes(floor.nodes).nodes
  type Call = Parameters<typeof confirmHostKey>[1]
  const body = { type: 'ssh-ed25519', key: key.toString('base64'), fingerprint }
  const request = { params: { id }, query: {}, body: nodesApi.nodes.confirmHostKey.body.parse(body) }
  return confirmHostKey(request as never, { actor: anna } as Call)
}

test('the key that a person compared is the key that is trusted', async () => {
  const fingerprint = fingerprintOf(key)
  expect((await confirm(fingerprint)).hostKeys).toMatchObject([{ fingerprint, source: 'confirmed' }])
})

test('a fingerprint of another key is refused, and nothing is trusted', async () => {
  await expect(confirm(other)).rejects.toMatchObject({
    code: 'request.invalid',
    issues: [{ path: 'fingerprint' }],
  })
  expect((await floor.nodes.list({ limit: 1 })).items[0]?.hostKeys).toEqual([])
})
