import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NodeKey } from '../contract/keys.ts'
import type { Node } from '../contract/nodes.ts'
import { createShiftedClock } from '../testbed/shifted-clock.ts'
import { type TestHouse, testHouse } from '../testbed/house.ts'
import { startSshd, type TestSshd } from '../testbed/sshd.ts'

const someoneElse = '# of somebody else\nssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== anna@laptop\n'
const dayMs = 86_400_000

let sshd: TestSshd
let house: TestHouse
let node: Node
const clock = createShiftedClock()

beforeEach(async () => {
  sshd = await startSshd({ keysInHome: true, keyOptions: 'restrict,from="127.0.0.1"' })
  writeFileSync(sshd.authorizedKeys, `${someoneElse}${keyText()}`)
  house = await testHouse({ overrides: { clock } })
  node = await house.drive.addNode(sshd)
})
afterEach(async () => {
  await house.close()
  await sshd.stop()
})

const keyText = () => readFileSync(sshd.authorizedKeys, 'latin1')
const api = () => house.drive.client
const keyOf = () => api().keys.get({ params: { id: node.id } })
const rotate = () => api().keys.rotate({ params: { id: node.id }, body: { removesUploaded: true } })

async function until(isSo: (key: NodeKey) => boolean): Promise<NodeKey> {
  for (let turn = 0; turn < 600; turn++) {
    const key = await keyOf()
    if (isSo(key)) return key
    await sleepFor(50)
  }
  throw new Error(`it stayed ${JSON.stringify((await keyOf()).rotation)}`)
}
const untilStep = (step: string) => until(({ rotation }) => rotation?.step === step)

async function runs(count: number): Promise<void> {
  for (let run = 0; run < count; run++) {
    const { id } = await house.drive.run('hello', 'nas')
    expect((await house.drive.untilEnded(id)).state).toBe('succeeded')
  }
}

/** The audit trail of the node, oldest first. */
async function told(): Promise<string[]> {
  const { items } = await api().audit.list({ query: { limit: 200, target: node.id } })
  return items.map(({ action }) => action).reverse().filter((action) => action.startsWith('node-key.'))
}

async function opensByOldKey(): Promise<boolean> {
  const { createPool } = await import('./ssh/pool.ts')
  const { dialBuiltin } = await import('./ssh/builtin.ts')
  const { createLogger } = await import('./lib/logger.ts')
  const pool = createPool({
    dials: { builtin: dialBuiltin, openssh: dialBuiltin },
    allowedNetworks: () => ['127.0.0.0/8'],
    clock,
    logger: createLogger('silent'),
  })
  try {
    return await pool.use(sshd.targetFor()).then(
      () => true,
      () => false,
    )
  } finally {
    await pool.close()
  }
}

describe('a rotation', () => {
  test('changes the key of a node in eight steps, and leaves everything else of the file alone', async () => {
    const before = statSync(sshd.authorizedKeys)
    const old = (await keyOf()).fingerprint
    await rotate()
    const inGrace = await untilStep('grace')
    expect(inGrace.rotation).toMatchObject({ strategy: 'file', oldFingerprint: old, problem: null })
    expect(keyText().split('\n')).toHaveLength(5)
    await runs(3)

    const done = await untilStep('done')
    expect(done).toMatchObject({ isUploaded: false, fingerprint: done.rotation?.newFingerprint })
    const text = keyText()
    expect(text.startsWith(someoneElse)).toBe(true)
    expect(text.slice(someoneElse.length)).toMatch(
      /^restrict,from="127.0.0.1" ssh-ed25519 \S+ carl-nas-\d{4}-\d\d-\d\d\n$/,
    )
    const after = statSync(sshd.authorizedKeys)
    expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid])
    expect(await opensByOldKey()).toBe(false)
    expect(await told()).toEqual([
      'node-key.rotation-started',
      'node-key.added',
      'node-key.activated',
      'node-key.removed',
      'node-key.rotated',
    ])
    await runs(1)
  })

  test('of the only user of a credential leaves no key behind that opens nothing', async () => {
    await rotate()
    await untilStep('grace')
    await runs(3)
    const done = await untilStep('done')
    const { items } = await api().credentials.list()
    expect(items[0]).toMatchObject({ fingerprint: done.fingerprint, isUploaded: false })
    expect(done.isOwn).toBe(false)
    // And again, from there.
    await api().keys.rotate({ params: { id: node.id } , body: {}})
    await until(({ rotation }) => rotation?.step === 'grace' && rotation.startedAt !== done.rotation?.startedAt)
  })
})
