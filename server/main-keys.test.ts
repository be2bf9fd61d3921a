import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { ErrorCode } from '../contract/errors.ts'
import type { NodeKey } from '../contract/keys.ts'
import type { Node } from '../contract/nodes.ts'
import { type TestHouse, testHouse } from '../testbed/house.ts'
import { createShiftedClock } from '../testbed/shifted-clock.ts'
import { sshLogin } from '../testbed/ssh-login.ts'
import { startSshd, type SshdOptions, type TestSshd } from '../testbed/sshd.ts'

const someoneElse = '# of somebody else\nssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== anna@laptop\n'
const dayMs = 86_400_000

let sshd: TestSshd
let house: TestHouse
let node: Node
/** The file of the node as it was at first. */
let untouched: string
const clock = createShiftedClock()

async function open(options: SshdOptions = {}): Promise<void> {
  sshd = await startSshd({ keysInHome: true, ...options })
  untouched = `${someoneElse}${keyText()}`
  writeFileSync(sshd.authorizedKeys, untouched)
  house = await testHouse({ overrides: { clock } })
  node = await house.drive.addNode(sshd)
}
afterEach(async () => {
  await house.close()
  await sshd.stop()
})

const keyText = () => readFileSync(sshd.authorizedKeys, 'latin1')
const api = () => house.drive.client
const one = (id = node.id) => ({ params: { id } })
const keyOf = (id = node.id) => api().keys.get(one(id))
const rotate = (id = node.id) => api().keys.rotate({ ...one(id), body: { removesUploaded: true } })
const tick = () => house.house.rotations.tick()

async function until(isSo: (key: NodeKey) => boolean, id = node.id): Promise<NodeKey> {
  for (let turn = 0; turn < 600; turn++) {
    const key = await keyOf(id)
    if (isSo(key)) return key
    await sleepFor(50)
  }
  throw new Error(`it stayed ${JSON.stringify((await keyOf(id)).rotation)}`)
}
const untilStep = (step: string, id = node.id) => until(({ rotation }) => rotation?.step === step, id)
const untilAsked = (step: string) =>
  until(({ rotation }) => rotation?.step === step && rotation.waitsForPerson)
const refusal = (code: ErrorCode) => ({ problem: { code } })
const oldKey = () => sshLogin(sshd, sshd.clientKey)

async function runs(count: number, on = 'nas'): Promise<void> {
  for (let run = 0; run < count; run++) {
    const { id } = await house.drive.run('hello', on)
    expect((await house.drive.untilEnded(id)).state).toBe('succeeded')
  }
}

/** The audit trail of the node, oldest first. */
async function told(): Promise<string[]> {
  const { items } = await api().audit.list({ query: { limit: 200, target: node.id } })
  return items
    .map(({ action }) => action)
    .reverse()
    .filter((action) => action.startsWith('node-key.'))
}

describe('a rotation', () => {
  test('changes the key of a node in eight steps, and leaves everything else of the file alone', async () => {
    await open({ keyOptions: 'restrict,from="127.0.0.1"' })
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
    expect(oldKey()).toBe('refused')
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
    await open()
    await rotate()
    await untilStep('grace')
    await runs(3)
    const done = await untilStep('done')
    const { items } = await api().credentials.list()
    expect(items[0]).toMatchObject({ fingerprint: done.fingerprint, isUploaded: false })
    expect(done.isOwn).toBe(false)
    // And again, from there.
    await api().keys.rotate({ params: { id: node.id }, body: {} })
    await until(
      ({ rotation }) => rotation?.step === 'grace' && rotation.startedAt !== done.rotation?.startedAt,
    )
  })

  test('ends after a day as well, when nothing ran', async () => {
    await open()
    await rotate()
    await untilStep('grace')
    await tick()
    expect((await keyOf()).rotation?.step).toBe('grace')
    clock.shift(dayMs)
    await tick()
    await untilStep('done')
    expect(oldKey()).toBe('refused')
  })

  test('waits for what runs on the node, and nothing is started while it is at work', async () => {
    await open()
    await api().settings.change({ body: { maxExecutionsPerNode: 4 } })
    const last = join(sshd.folder, 'say-the-last')
    const { id } = await house.drive.run('counts', 'nas', { count: 5, everyMs: 1, waitsFor: last })
    await house.drive.untilLogged(id, 'line 4')
    await rotate()
    expect((await until(({ rotation }) => rotation?.waitsForRun === true)).rotation?.step).toBe('make')
    const { id: second } = await house.drive.run('hello', 'nas')
    expect((await house.drive.get(second)).state).toBe('queued')
    writeFileSync(last, '')
    await untilStep('grace')
    expect((await house.drive.untilEnded(second)).state).toBe('succeeded')
  })

  test('is not stranded by the limit of connections', async () => {
    await open()
    await api().settings.change({ body: { connectionsPerHour: 1 } })
    await rotate()
    await untilStep('grace')
    clock.shift(dayMs)
    await tick()
    expect((await untilStep('done')).rotation?.problem).toBeNull()
  })

  test('over the OpenSSH client goes the same way', async () => {
    await open()
    await api().nodes.change({ ...one(), body: { transport: 'openssh' } })
    await rotate()
    await untilStep('grace')
    clock.shift(dayMs)
    await tick()
    await untilStep('done')
    expect(oldKey()).toBe('refused')
  })
})

describe('the old key stays in force', () => {
  test('when the node does not accept the new one', async () => {
    await open()
    // What the file says does not count here: sshd looks elsewhere, and only there the old key is let in.
    const elsewhere = join(sshd.folder, 'elsewhere')
    writeFileSync(elsewhere, untouched)
    await sshd.restart({ config: [`AuthorizedKeysFile ${elsewhere}`] })
    writeFileSync(sshd.authorizedKeys, untouched)
    await rotate()
    const undone = await untilStep('undone')
    expect(undone.rotation?.problem?.code).toBe('key.new_refused')
    expect(undone.fingerprint).toBe(undone.rotation?.oldFingerprint)
    expect(keyText()).toBe(untouched)
    expect((await told()).at(-1)).toBe('node-key.rotation-undone')
    await runs(1)
  })

  test('when the file cannot be changed', async () => {
    await open()
    const many = `${untouched}${'# filler\n'.repeat(9_000)}`
    writeFileSync(sshd.authorizedKeys, many)
    await rotate()
    const undone = await untilStep('undone')
    expect(undone.rotation).toMatchObject(refusal('key.edit_failed'))
    expect(keyText()).toBe(many)
    await runs(1)
  })

  test('when a person takes the rotation back', async () => {
    await open()
    await rotate()
    await untilStep('grace')
    await runs(1)
    await api().keys.cancel(one())
    const undone = await untilStep('undone')
    expect(undone.rotation?.problem?.code).toBe('key.cancelled')
    expect(keyText()).toBe(untouched)
    await runs(1)
    await expect(api().keys.cancel(one())).rejects.toMatchObject(refusal('key.not_rotating'))
  })

  test('and is put back when somebody had removed it meanwhile', async () => {
    await open()
    await rotate()
    await untilStep('grace')
    const lines = keyText().split('\n')
    writeFileSync(
      sshd.authorizedKeys,
      lines
        .filter(
          (line) => !sshd.clientPublicKey.startsWith(line.split(' ').slice(0, 2).join(' ')) || line === '',
        )
        .join('\n'),
    )
    expect(oldKey()).toBe('refused')
    await api().keys.cancel(one())
    await untilStep('undone')
    expect(oldKey()).toBe('let in')
    await runs(1)
  })

  test('when somebody removes the new one during the grace', async () => {
    await open()
    await rotate()
    await untilStep('grace')
    writeFileSync(sshd.authorizedKeys, untouched)
    const { id } = await house.drive.run('hello', 'nas')
    expect((await house.drive.untilEnded(id)).outcome).toMatchObject({ kind: 'blocked' })
    await tick()
    const undone = await untilStep('undone')
    expect(undone.rotation?.problem?.code).toBe('key.new_lost')
    await runs(1)
  })
})

describe('by hand', () => {
  test('where a forced command keeps us from the file, a person is shown the line, and is believed only after a look', async () => {
    await open({ keyOptions: 'command="exit 77"' })
    await rotate()
    const asked = await untilAsked('append')
    expect(asked.rotation).toMatchObject({ strategy: 'manual', problem: { code: 'key.by_hand' } })
    const line = asked.rotation?.line ?? ''

    await api().keys.confirm(one())
    expect(
      (await until(({ rotation }) => rotation?.problem?.code === 'key.new_refused')).rotation,
    ).toMatchObject({
      step: 'append',
      waitsForPerson: true,
      line,
    })
    writeFileSync(sshd.authorizedKeys, `${keyText()}command="exit 77" ${line}\n`)
    await api().keys.confirm(one())
    await untilStep('grace')
    clock.shift(dayMs)
    await tick()

    const remove = await untilAsked('remove')
    expect(remove.rotation?.line?.split(' ')[1]).toBe(sshd.clientPublicKey.split(' ')[1])
    await api().keys.confirm(one())
    await until(({ rotation }) => rotation?.problem?.code === 'key.old_still_works')
    writeFileSync(sshd.authorizedKeys, `command="exit 77" ${line}\n`)
    await api().keys.confirm(one())
    await untilStep('done')
    expect((await told()).filter((action) => action === 'node-key.confirmed-by-hand')).toHaveLength(4)
  })

  test('nothing that was not asked for can be confirmed', async () => {
    await open()
    await expect(api().keys.confirm(one())).rejects.toMatchObject(refusal('key.not_rotating'))
  })
})

describe('one key of several nodes', () => {
  test('becomes one of each, and its line goes when the last node of an account has moved', async () => {
    await open()
    const { credentialId } = node
    const twin = await house.drive.addNode(sshd, { name: 'twin', credentialId })
    await rotate()
    await untilStep('grace')
    await runs(3)
    const waits = await until(({ rotation }) => rotation?.problem?.code === 'key.shared_account')
    expect(waits.rotation?.problem?.detail).toContain('twin')
    expect(oldKey()).toBe('let in')
    await runs(1, 'twin')

    await rotate(twin.id)
    await untilStep('grace', twin.id)
    clock.shift(dayMs)
    await tick()
    await untilStep('done', twin.id)
    await tick()
    await untilStep('done')
    const [first, second] = [await keyOf(), await keyOf(twin.id)]
    expect([first.isOwn, second.isOwn]).toEqual([true, true])
    expect(first.fingerprint).not.toBe(second.fingerprint)
    expect(oldKey()).toBe('refused')
    await runs(1)
    await runs(1, 'twin')
  })

  test('opens a node again whose own key is forgotten', async () => {
    await open()
    await house.drive.addNode(sshd, {
      name: 'twin',
      credentialId: node.credentialId,
      username: 'nobody-here',
    })
    await rotate()
    await untilStep('grace')
    await runs(3)
    await untilStep('done')
    writeFileSync(sshd.authorizedKeys, untouched)
    expect((await api().keys.forget(one())).isOwn).toBe(false)
    await runs(1)
    await expect(api().keys.forget(one())).rejects.toMatchObject(refusal('key.not_own'))
  })
})

describe('what is due', () => {
  async function withKeyMadeHere(): Promise<void> {
    const made = await api().credentials.create({ body: { kind: 'generate', name: 'made here' } })
    writeFileSync(sshd.authorizedKeys, `${untouched}${made.publicKey}\n`)
    node = await api().nodes.change({ ...one(), body: { credentialId: made.id } })
  }

  test('is renewed by the server itself where it is told to, once', async () => {
    await open()
    await withKeyMadeHere()
    await api().settings.change({ body: { sshKeyRotation: 'automatic' } })
    clock.shift(89 * dayMs)
    expect((await keyOf()).standing).toBe('soon')
    await tick()
    expect((await keyOf()).rotation).toBeNull()
    clock.shift(dayMs)
    await tick()
    await tick()
    const inGrace = await untilStep('grace')
    expect(inGrace.rotation?.startedBy).toBe('server')
    clock.shift(dayMs)
    await tick()
    expect((await untilStep('done')).standing).toBe('fresh')
    await tick()
    expect((await told()).filter((action) => action === 'node-key.rotation-started')).toHaveLength(1)
  })

  test('is only shown where people want to be reminded', async () => {
    await open()
    await withKeyMadeHere()
    clock.shift(100 * dayMs)
    await tick()
    expect(await keyOf()).toMatchObject({ standing: 'overdue', rotation: null })
  })

  test('is not touched by the server when it was brought from elsewhere', async () => {
    await open()
    await api().settings.change({ body: { sshKeyRotation: 'automatic' } })
    clock.shift(100 * dayMs)
    await tick()
    expect(await keyOf()).toMatchObject({ standing: 'overdue', isUploaded: true, rotation: null })
  })
})

describe('is refused', () => {
  test('for a key that was brought from elsewhere, unless that is confirmed', async () => {
    await open()
    await expect(api().keys.rotate({ ...one(), body: {} })).rejects.toMatchObject(refusal('key.uploaded'))
    expect(keyText()).toBe(untouched)
  })

  test('for a password, and where there is nothing', async () => {
    await open()
    const { id } = await api().credentials.create({
      body: { kind: 'password', name: 'p', password: 'secret' },
    })
    await api().nodes.change({ ...one(), body: { credentialId: id } })
    expect((await keyOf()).cannotRotate).toBe('password')
    await expect(rotate()).rejects.toMatchObject(refusal('key.not_rotatable'))
    await api().nodes.change({ ...one(), body: { credentialId: null } })
    expect((await keyOf()).cannotRotate).toBe('no-credential')
    await expect(rotate()).rejects.toMatchObject(refusal('key.not_rotatable'))
  })

  test('while one is under way, as is whatever would take the ground from under it', async () => {
    await open()
    await rotate()
    await untilStep('grace')
    const rotating = refusal('key.rotating')
    await expect(rotate()).rejects.toMatchObject(rotating)
    await expect(api().keys.forget(one())).rejects.toMatchObject(rotating)
    for (const body of [{ host: 'localhost' }, { port: 1 }, { username: 'b' }, { credentialId: null }]) {
      await expect(api().nodes.change({ ...one(), body })).rejects.toMatchObject(rotating)
    }
    const replace = { params: { id: node.credentialId! }, body: { kind: 'generate', name: 'other' } } as const
    await expect(api().credentials.replace(replace)).rejects.toMatchObject(rotating)
    await api().nodes.change({ ...one(), body: { name: 'renamed', tags: ['a'] } })
  })
})

test('a node that is removed in the middle of it is gone, and nothing breaks', async () => {
  await open()
  await rotate()
  await untilStep('grace')
  await api().nodes.remove(one())
  await tick()
  expect((await api().keys.list()).items).toEqual([])
})

test('no private key of a rotation is in any answer or in the audit trail', async () => {
  await open()
  await rotate()
  await untilStep('grace')
  const seen = JSON.stringify([
    await keyOf(),
    await api().keys.list(),
    await api().audit.list({ query: { limit: 200 } }),
  ])
  expect(seen).not.toContain('PRIVATE KEY')
  // What every unencrypted key of OpenSSH begins with.
  expect(seen).not.toContain('b3BlbnNzaC1rZXktdjEA')
})
