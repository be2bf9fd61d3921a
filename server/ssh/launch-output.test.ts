import { afterAll, beforeAll, expect, test } from 'vitest'
import { untilGone } from '../../testbed/processes.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'
import { connect, launchTools, orderFor, run, start } from '../../testbed/visits.ts'
import { launch } from './launch.ts'
import type { SshConnection } from './transport.ts'

let sshd: TestSshd
let connection: SshConnection
beforeAll(async () => {
  sshd = await startSshd()
  connection = await connect(sshd)
})
afterAll(async () => {
  connection.close()
  await sshd.stop()
})

const kept = 262_144

test('a gigabyte of output is bounded on the node: start, end, and how much was left out', async () => {
  const { stdout, frames, end } = await run(
    connection,
    'import os\nblock = (b"x" * 99 + b"\\n") * 655\nsent = 0\nwhile sent < 1 << 30: sent += os.write(1, block)\nprint("THE END")',
  )
  expect(end).toMatchObject({ frame: { code: 0 } })
  expect(stdout()).toHaveLength(2 * kept)
  expect(stdout()).toMatch(/THE END\n$/)
  const gap = frames.find((frame) => frame.t === 'gap')
  expect(gap?.t === 'gap' && gap.bytes).toBeGreaterThan(1e9)
})

test('a line of fifty megabytes is bounded, too', async () => {
  const { stdout, end } = await run(connection, 'import sys\nsys.stdout.write("y" * 50_000_000)')
  expect(end).toMatchObject({ frame: { code: 0 } })
  expect(stdout()).toHaveLength(2 * kept)
})

test('what is no UTF-8 is replaced, what was split is put together, and control characters pass', async () => {
  const { stdout } = await run(
    connection,
    'import os, time\nos.write(1, b"ok \\xff\\x00 \\x1b[31mred\\x1b[0m a\\rb \\xc3")\ntime.sleep(0.1)\nos.write(1, b"\\xa9 \\xf0\\x9f\\x98")\ntime.sleep(0.1)\nos.write(1, b"\\x80 end\\xe2")',
  )
  expect(stdout()).toBe('ok \ufffd\u0000 \u001b[31mred\u001b[0m a\rb é 😀 end\ufffd')
})

test('a cut in the middle of a character leaves no broken one behind it', async () => {
  const { stdout } = await run(connection, 'import os\nfor _ in range(20): os.write(1, "é".encode() * 50001)')
  expect(stdout().replaceAll('é', '')).toBe('')
})

test('an agent cannot forge what only its supervisor may say', async () => {
  const { stdout, end, frames } = await run(
    connection,
    'import sys\nfor nonce in ("", "AAAAAAAAAAAAAAAA", "{}"):\n  print("\\x1e" + nonce + " {\\"t\\":\\"end\\",\\"q\\":3,\\"ms\\":1,\\"code\\":0,\\"sig\\":null,\\"why\\":null,\\"strays\\":0,\\"left\\":[]}")\nsys.exit(3)',
  )
  expect(end).toMatchObject({ kind: 'ended', frame: { code: 3 } })
  expect(stdout().match(/"t":"end"/g)).toHaveLength(3)
  expect(frames.filter(({ t }) => t === 'end')).toHaveLength(1)
})

test('messages that are none are counted and left out, and so are those that are too long or too many', async () => {
  const { end, frames, said } = await run(
    connection,
    `
import car, gc, os
pipe = next(int(fd) for fd in os.listdir("/proc/self/fd") if int(fd) >= 100 and os.readlink("/proc/self/fd/" + fd).startswith("pipe:"))
for junk in (b"no json\\n", b"[]\\n", b"{}\\n", b"\\xff\\xfe\\n", b"[" * 100000 + b"\\n", b'{"kind": "log"' + b" " * 5_000_000 + b"}\\n"):
    while junk:
        junk = junk[os.write(pipe, junk):]
for number in range(20_100):
    car.event("tick", i=number)
car.event("result", status="ok")
`,
  )
  expect(end).toMatchObject({ frame: { code: 0 } })
  expect(said('tick')).toHaveLength(20_000)
  expect(said('result')).toEqual([{ status: 'ok' }])
  expect(frames.find((frame) => frame.t === 'gap' && frame.s === 'ev')).toMatchObject({ count: 106 })
})

test('numbers that JSON has no word for, long kinds and strange letters do not break the run', async () => {
  const { end, said } = await run(
    connection,
    'import car\ncar.event("metric", value=float("nan"), other=float("-inf"), text="\\ud800é")\ncar.event("k" * 100)\ncar.event("long", text="é" * 1_500_000)',
  )
  expect(end).toMatchObject({ kind: 'ended', frame: { code: 0 } })
  expect(said('metric')).toEqual([{ value: null, other: null, text: '?é' }])
  expect(said('k'.repeat(40))).toEqual([{}])
  expect(said('long')[0]?.text).toHaveLength(1_500_000)
})

test('a server that does not read slows the agent down, and is still heard', async () => {
  const order = orderFor('import os\nwhile True: os.write(1, b"x" * 65536)')
  const bounds = { ...order, timeoutS: 60 }
  const visit = await launch(connection, bounds, launchTools)
  visit.cancel()
  const kinds: string[] = []
  for await (const item of visit.frames) kinds.push(item.t)
  expect(await visit.ended).toMatchObject({ kind: 'ended', frame: { why: 'cancel' } })
  expect(kinds.at(-1)).toBe('end')
  await untilGone(order.runId)
})

test('an agent whose output nobody of its children lets go of does not hold us', async () => {
  const { heard, runId } = await start(
    connection,
    'import subprocess\nsubprocess.Popen(["sleep", "600"])\nprint("done")',
  )
  expect(await heard.ended).toMatchObject({ frame: { code: 0, strays: 1, left: [] } })
  expect(heard.stdout()).toBe('done\n')
  await untilGone(runId)
})

test('garbage on the node before the first word is noise, and shown as such', async () => {
  const noisy = await startSshd({
    config: [
      'ForceCommand printf "Welcome\\n\\377\\036bad {}\\nno line feed"; exec sh -c "$SSH_ORIGINAL_COMMAND"',
    ],
  })
  const other = await connect(noisy)
  const { end, stdout } = await run(other, 'print("fine")')
  expect(end).toMatchObject({ frame: { code: 0 } })
  expect(stdout()).toBe('fine\n')
  other.close()
  await noisy.stop()
})
