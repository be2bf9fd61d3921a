import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, type TestContext, test, vi } from 'vitest'
import { engine, noEngine, startContainerNode } from './containers.ts'
import { testHouse } from './house.ts'
import { untilGone, untilSeen } from './processes.ts'
import { connect, run } from './visits.ts'

interface Load {
  readonly memory: { readonly top: readonly { readonly name: string }[] }
  readonly processes: number
}

/** Containers of that name, ended ones too. */
const containersNamed = (name: string): string =>
  execFileSync('docker', ['ps', '--all', '--quiet', '--filter', `name=${name}`], { encoding: 'utf8' }).trim()

function needEngine(context: TestContext): void {
  if (engine() === null) context.skip(noEngine)
}

test('System Health sees that it is in a container, with its own processes and nothing of the machine around', async (context) => {
  needEngine(context)
  const node = await startContainerNode({ hostname: 'in-a-box' })
  const house = await testHouse()
  try {
    await house.drive.addNode(node, { name: 'container' })
    const { id } = await house.drive.run('system-health', 'container', { network_probes: false })
    expect(await house.drive.untilEnded(id)).toMatchObject({ state: 'succeeded' })
    const { facts } = await house.drive.client.executions.report({ params: { id } })
    expect(facts).toMatchObject({
      host: { container: 'docker', init: 'sshd', hostname: 'in-a-box', root: false },
    })
    // Of the machine around it sees none, and that has far more than these.
    const { memory, processes } = facts['load'] as Load
    expect(processes).toBeLessThan(20)
    for (const { name } of memory.top) expect(name).toMatch(/^(sshd.*|sh|cat|python3.*)$/)
    await untilGone(id)
  } finally {
    await house.close()
    await node.stop()
  }
  expect(containersNamed(node.name)).toBe('')
})

test('it has the limits it was given', async (context) => {
  needEngine(context)
  const node = await startContainerNode({ memoryMib: 64, mostProcesses: 30 })
  try {
    const connection = await connect(node)
    const { end, stdout } = await run(connection, fork40)
    expect(end).toMatchObject({ kind: 'ended', frame: { code: 0, left: [] } })
    expect(stdout()).toBe('no more\n')
    const limits = ['inspect', '--format', '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}', node.name]
    expect(execFileSync('docker', limits, { encoding: 'utf8' })).toBe(`${64 * 1024 * 1024} 30\n`)
    connection.close()
    await connection.closed
  } finally {
    await node.stop()
  }
})

test('it is gone when the process that started it was killed', async (context) => {
  needEngine(context)
  const module = JSON.stringify(new URL('containers.ts', import.meta.url))
  const program = `
    const { startContainerNode } = await import(${module})
    console.log((await startContainerNode()).name)
  `
  const starter = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [printed] = (await once(starter.stdout, 'data')) as [Buffer]
  const name = printed.toString().trim()
  expect(containersNamed(name)).not.toBe('')
  starter.kill('SIGKILL')
  await untilSeen(`the end of ${name}`, () => containersNamed(name) === '')
})

test.each(['tcp://192.0.2.1:2375', 'unix:///nowhere/docker.sock'])(
  'no engine of this machine is at %s',
  (host) => {
    vi.stubEnv('DOCKER_HOST', host)
    expect(engine()).toBeNull()
  },
)

const fork40 = `
import os, signal, time
children = []
try:
    for _ in range(40):
        pid = os.fork()
        if pid == 0:
            time.sleep(600)
            os._exit(0)
        children.append(pid)
    print("all of them")
except OSError:
    print("no more")
for pid in children:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
`
