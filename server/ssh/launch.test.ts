import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../testbed/fake-clock.ts'
import { untilGone } from '../../testbed/processes.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'
import { startTcpProxy } from '../../testbed/tcp-proxy.ts'
import { connect, launchTools, orderFor, run, start } from '../../testbed/visits.ts'
import { packModules } from './bundle-payload.ts'
import { launch } from './launch.ts'
import type { SshConnection } from './transport.ts'

let sshd: TestSshd
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())

describe.each(['builtin', 'openssh'] as const)('over the %s transport', (transport) => {
  let connection: SshConnection
  beforeAll(async () => {
    connection = await connect(sshd, { transport })
  })
  afterAll(async () => {
    connection.close()
    await connection.closed
  })

  test('an agent says hello, prints, reports and ends, in order and without a hole', async () => {
    const { visit, heard } = await start(
      connection,
      'import car, sys\nprint("out")\nsys.stdout.flush()\ncar.event("log", level="info", msg="hé")\nprint("err", file=sys.stderr)\nsys.exit(5)',
    )
    expect(visit.hello).toMatchObject({
      q: 1,
      v: 1,
      sub: true,
      dir: null,
      uid: process.getuid?.(),
      sys: 'linux',
    })
    expect(await heard.ended).toMatchObject({
      kind: 'ended',
      frame: { code: 5, sig: null, why: null, strays: 0, left: [] },
    })
    expect(heard.stdout()).toBe('out\n')
    expect(heard.stderr()).toBe('err\n')
    expect(heard.said('log')).toEqual([{ level: 'info', msg: 'hé' }])
    expect(heard.frames.map(({ q }) => q)).toEqual(heard.frames.map((_, at) => at + 2))
    expect(heard.noise).toEqual([])
  })

  test('it gets its configuration, its other modules and nothing on standard input', async () => {
    const payload = packModules([
      {
        name: 'agent',
        source: Buffer.from(
          'import car, other, sys\nprint(other.twice(car.config["word"]), repr(sys.stdin.read()))',
        ),
      },
      { name: 'other', source: Buffer.from('def twice(word):\n  return word * 2') },
    ])
    const { stdout, end } = await run(connection, '', { payload, configure: async () => ({ word: "d'où " }) })
    expect(stdout()).toBe("d'où d'où  ''\n")
    expect(end).toMatchObject({ frame: { code: 0 } })
  })

  test('a cancelled agent ends, and says that it was cancelled', async () => {
    const { visit, heard } = await start(connection, 'import time\nprint("up", flush=True)\ntime.sleep(60)')
    await heard.until('up')
    visit.cancel()
    expect(await heard.ended).toMatchObject({
      kind: 'ended',
      frame: { code: null, sig: 15, why: 'cancel', forced: false },
    })
  })

  test('four agents at a time do not mix up what they say', async () => {
    const runs = await Promise.all(
      [1, 2, 3, 4].map((number) => run(connection, `for i in range(2000): print("${number}" * 20)`)),
    )
    expect(runs.map(({ stdout }) => new Set(stdout().split('\n')).size)).toEqual([2, 2, 2, 2])
  })

  test('a link that is cut is told from an end', async () => {
    const proxy = await startTcpProxy(sshd.port)
    const other = await connect(sshd, { transport, port: proxy.port })
    const { heard, runId } = await start(other, 'import time\nprint("up", flush=True)\ntime.sleep(60)')
    await heard.until('up')
    proxy.cut()
    expect(await heard.ended).toEqual({ kind: 'link-lost' })
    await untilGone(runId)
    await proxy.close()
    await other.closed
  })
})

describe('an agent', () => {
  let connection: SshConnection
  beforeAll(async () => {
    connection = await connect(sshd)
  })
  afterAll(() => connection.close())

  test.each([
    ['1/0', 1, /^Traceback .*\n {2}File "agent.py", line 1, in <module>\n {4}1\/0\n.*ZeroDivisionError/],
    ['import sys; sys.exit("no disk")', 1, /^no disk\n$/],
    ['raise SystemExit', 0, /^$/],
    ['import os; os._exit(9)', 9, /^$/],
    ['exit(3)', 3, /^$/],
    ['this is no Python', 1, /SyntaxError/],
    ['import os; os.close(1); os.close(2); raise KeyError("x")', 1, /^$/],
  ])('that is %j ends with %d', async (source, code, stderr) => {
    const heard = await run(connection, source)
    expect(heard.end).toMatchObject({ kind: 'ended', frame: { code, sig: null } })
    expect(heard.stderr().replaceAll(/\n\s+\^+\n/g, '\n')).toMatch(new RegExp(stderr.source, 's'))
  })

  test('that is killed shows by which signal', async () => {
    const { end } = await run(connection, 'import os; os.kill(os.getpid(), 11)')
    expect(end).toMatchObject({ frame: { code: null, sig: 11, why: null } })
  })

  test('reports every command it starts, however it does', async () => {
    const { said, end } = await run(
      connection,
      'import os, subprocess\nsubprocess.run(["echo", "a b"])\nos.system("true")\nsubprocess.run("echo $HOME", shell=True, cwd="/")\nos.spawnlp(os.P_WAIT, "true", "true")',
    )
    expect(end).toMatchObject({ frame: { code: 0 } })
    expect(said('cmd')).toEqual(
      expect.arrayContaining([
        { via: 'subprocess.Popen', argv: ['echo', 'a b'], cwd: null },
        { via: 'os.system', argv: ['true'], cwd: null },
        { via: 'subprocess.Popen', argv: ['/bin/sh', '-c', 'echo $HOME'], cwd: '/' },
      ]),
    )
  })

  test('whose threads still work is waited for, and what it does at exit is done', async () => {
    const heard = await run(
      connection,
      'import atexit, threading, time\natexit.register(print, "at exit")\nthreading.Thread(target=lambda: (time.sleep(0.3), print("thread"))).start()\nprint("main")',
    )
    expect(heard.stdout()).toBe('main\nthread\nat exit\n')
  })

  test('brings along none of the modules that take longer to import than a small agent runs', async () => {
    const kit = readFileSync(new URL('../../agents/kit/agent_kit.py', import.meta.url))
    const source =
      'import agent_kit, sys\nslow = {"ctypes", "enum", "hashlib", "json", "linecache", "re", "shutil", "signal", "subprocess", "threading", "traceback", "typing"}\nif sys.version_info >= (3, 13): slow.discard("linecache")\nprint(sorted(slow & set(sys.modules)))'
    const payload = packModules([
      { name: 'agent', source: Buffer.from(source) },
      { name: 'agent_kit', source: kit },
    ])
    const { stdout } = await run(connection, '', { payload })
    expect(stdout()).toBe('[]\n')
  })

  test('shows its own lines in a traceback, not those of a file by the same name where the login begins', async () => {
    const { stderr } = await run(
      connection,
      'import os, traceback\nopen("agent.py", "w").write("wrong = line\\n" * 9)\ntry:\n  1/0\nexcept Exception:\n  traceback.print_exc()\nos.remove("agent.py")',
    )
    expect(stderr()).toMatch(/File "agent.py", line 4, in <module>\n {4}1\/0\n/)
  })

  test('leaves nothing of itself in the home or scratch folders of the node', async () => {
    const { stdout } = await run(
      connection,
      'import car, os\nprint([n for p in (os.environ["HOME"], "/tmp", "/dev/shm") for n in os.listdir(p) if os.environ["CARL_RUN_ID"] in n], os.listdir(os.environ["HOME"]))',
    )
    expect(stdout()).toBe('[] []\n')
  })

  test('that arrives changed is not started', async () => {
    const order = orderFor('print("never")')
    const payload = { ...order.payload, sha256: '0'.repeat(64) }
    await expect(launch(connection, { ...order, payload }, launchTools)).rejects.toMatchObject({
      code: 'launch.tampered',
    })
    await untilGone(order.runId)
  })

  test('that could not be put on record is not started, and nobody waits for it on the node', async () => {
    const refusal = new Error('the disk is full')
    const order = orderFor('print("never")', { configure: () => Promise.reject(refusal) })
    await expect(launch(connection, order, launchTools)).rejects.toBe(refusal)
    await untilGone(order.runId)
  })

  test('that says nothing for fifteen seconds after its start is given up, with nothing left', async () => {
    const clock = createFakeClock()
    const order = orderFor('print("never")')
    // A python that hangs stands in front of the real one.
    const slow = await startSshd({
      environment: { PATH: '/nowhere' },
      config: ['ForceCommand exec sleep 60'],
    })
    const other = await connect(slow)
    const launching = launch(other, order, { ...launchTools, clock }).catch((error: unknown) => error)
    await clock.untilWaiting()
    await clock.advance(15_000)
    expect(await launching).toMatchObject({ code: 'launch.no_hello' })
    other.close()
    await slow.stop()
    await untilGone(order.runId)
  })

  test('is not waited for when nobody wants it any more', async () => {
    const abort = new AbortController()
    const order = orderFor('print("never")')
    abort.abort(new Error('stopped'))
    await expect(launch(connection, order, { ...launchTools, signal: abort.signal })).rejects.toMatchObject({
      code: expect.stringMatching(/^(launch\.no_hello|ssh\.link_lost)$/),
    })
    await untilGone(order.runId)
  })

  test('that stays silent while the node stays silent too is given up after 45 seconds', async () => {
    const clock = createFakeClock()
    const proxy = await startTcpProxy(sshd.port)
    const other = await connect(sshd, { port: proxy.port })
    const { heard, runId } = await start(
      other,
      'import time\nprint("up", flush=True)\ntime.sleep(60)',
      {},
      { ...launchTools, clock },
    )
    await heard.until('up')
    proxy.pause()
    await clock.advance(60_000)
    expect(await heard.ended).toEqual({ kind: 'link-lost' })
    other.close()
    await proxy.close()
    await untilGone(runId)
  })
})
