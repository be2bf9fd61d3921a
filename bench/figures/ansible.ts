import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median, ratio, takeTurns } from '../measure.ts'
import { run } from '../program.ts'
import { type Figure, judge, ms, type Row, times } from '../report.ts'
import { type Bench, plainScript, type Stage } from '../stage.ts'

/** Thirty nodes, beside Ansible at its quickest: thirty forks, pipelining, connections that are open already. */
export async function ansible(bench: Bench): Promise<Figure> {
  const stage = await bench.stage()
  const { execute, nodeIds } = stage
  const { script, setup, close } = peer(stage, join(bench.folder, 'ansible'))
  bench.later(close)
  await execute('bench-trivial', nodeIds)
  const timings = await takeTurns(
    [
      { name: 'carl', perform: () => execute('bench-trivial', nodeIds) },
      { name: 'ansible -m script', perform: script },
      { name: 'ansible -m setup', every: 2, perform: setup },
    ],
    { rounds: bench.isQuick ? 1 : 6, quiet: bench.quiet.wait, say: bench.say },
  )
  const row = (beside: string, atLeast: number): Row => {
    const comes = ratio(timings, beside, 'carl')
    return {
      what: 'Facts of thirty nodes, open connections',
      carl: ms(median(timings.get('carl') ?? [])),
      beside: `${beside}: ${ms(median(timings.get(beside) ?? []))}`,
      comes: `${times(comes)} quicker`,
      ...judge(comes, { atLeast, unit: '× quicker' }),
    }
  }
  return {
    title: 'Thirty nodes, beside Ansible',
    rows: [row('ansible -m script', 3), row('ansible -m setup', 5)],
    notes: [
      'Ansible with `forks=30`, `pipelining=True` and `ControlPersist`, its connections opened by a first run that does not count. `script` runs the peer’s script; `setup` gathers many more facts than four, so its figure says what the usual way costs rather than what the same work does.',
    ],
  }
}

function peer({ ssh: { clientOptions, nodes, username } }: Stage, folder: string) {
  const sockets = join(folder, 'sockets')
  for (const each of [folder, sockets]) mkdirSync(each)
  writeFileSync(
    join(folder, 'hosts'),
    nodes.map(({ port }, at) => `n${at} ansible_host=127.0.0.1 ansible_port=${port}\n`).join(''),
  )
  writeFileSync(
    join(folder, 'ansible.cfg'),
    `${[
      '[defaults]',
      `inventory = ${join(folder, 'hosts')}`,
      `remote_user = ${username}`,
      'forks = 30',
      // Thirty first connections at once share two cores: none of them is given up for that.
      'timeout = 60',
      'interpreter_python = /usr/bin/python3',
      '[ssh_connection]',
      'pipelining = True',
      `control_path_dir = ${sockets}`,
      `ssh_args = ${clientOptions.join(' ')} -o ControlMaster=auto -o ControlPersist=600`,
    ].join('\n')}\n`,
  )
  const env = { ANSIBLE_CONFIG: join(folder, 'ansible.cfg'), ANSIBLE_HOME: folder, HOME: folder }
  const module = async (...args: string[]) => void (await run('ansible', ['all', '-m', ...args], { env }))

  /** Its masters live on in the background; they end when they are told. */
  async function close(): Promise<void> {
    const leave = (socket: string) =>
      run('ssh', ['-F', '/dev/null', '-S', join(sockets, socket), '-O', 'exit', 'x'])
    await Promise.allSettled(readdirSync(sockets).map(leave))
  }

  return {
    script: () => module('script', '-a', `${plainScript} executable=/usr/bin/python3`),
    setup: () => module('setup'),
    close,
  }
}
