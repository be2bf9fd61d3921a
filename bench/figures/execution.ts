import { median, ratio, takeTurns, type Timings } from '../measure.ts'
import { openEngine } from '../engine.ts'
import { run } from '../program.ts'
import { type Figure, judge, ms, type Row, times } from '../report.ts'
import { type Bench, plainScript, type Stage } from '../stage.ts'

const curve = ['-o', 'KexAlgorithms=curve25519-sha256']

/** A trivial agent beside `ssh node python3 - < script`: over an open connection, a new one, and on thirty nodes. */
export async function execution(bench: Bench): Promise<Figure> {
  const stage = await bench.stage()
  const { execute, nodeIds } = stage
  const [first] = nodeIds
  const ssh = peer(stage)
  const engine = openEngine(stage.ssh)
  bench.later(engine.close)
  const trivial = engine.agent('trivial')
  const [node] = stage.ssh.nodes
  if (!first || !node) throw new Error('there are no nodes')
  // The first run finds Python and opens the connection of each node.
  await execute('bench-trivial', nodeIds)
  const timings = await takeTurns(
    [
      { name: 'carl', perform: () => execute('bench-trivial', [first]) },
      { name: 'carl, no kit', perform: () => execute('bench-plain', [first]) },
      { name: 'carl, resumable', perform: () => execute('bench-resumable', [first]) },
      { name: 'engine', perform: () => engine.perform(trivial, node) },
      { name: 'ssh, control socket', perform: () => ssh.warm() },
      { name: 'carl, 30 nodes', perform: () => execute('bench-trivial', nodeIds) },
      { name: 'carl, 30 nodes, no kit', perform: () => execute('bench-plain', nodeIds) },
      {
        name: 'engine, 30 nodes',
        perform: async () => {
          await Promise.all(stage.ssh.nodes.map((each) => engine.perform(trivial, each)))
        },
      },
      { name: 'ssh, 30 nodes', perform: ssh.warmAll },
      {
        name: 'carl, new connection',
        prepare: () => dropConnection(stage),
        perform: () => execute('bench-trivial', [first]),
      },
      { name: 'ssh, cold', perform: () => ssh.cold([]) },
      { name: 'ssh, cold, curve25519', perform: () => ssh.cold(curve) },
    ],
    { rounds: bench.isQuick ? 3 : 15, quiet: bench.quiet.wait, say: bench.say },
  )
  return {
    title: 'A trivial agent, beside OpenSSH',
    rows: rows(timings),
    notes: [
      'Carl’s time runs from the HTTP request that triggers the agent until the live socket says it is finished: with queue, journal, audit trail, log, report, limits of time and output, and the means to cancel all at work. The peer is `ssh -S SOCKET node python3 - < script`, with nothing of that.',
      'The agent and the script read the same four facts. `no kit` is the very script of the peer, run as an agent.',
      'The SSH engine alone is connection, launch, framing, cancel and limits, without queue, database, audit trail and log.',
      'A resumable agent (the default) goes on when the link or the server is away; it is started in the background on the node for that.',
      'Most of what a new connection wins against cold `ssh` is the post-quantum key exchange, which OpenSSH has and Carl’s built-in client lacks. Beside `KexAlgorithms=curve25519-sha256` both do the same.',
      'All nodes are this machine: thirty at once share its cores with the server and the clients.',
    ],
  }
}

function rows(timings: Timings): Row[] {
  const row = (what: string, carl: string, beside: string, atMost?: number): Row => {
    const comes = ratio(timings, carl, beside)
    return {
      what,
      carl: ms(median(timings.get(carl) ?? [])),
      beside: `${beside}: ${ms(median(timings.get(beside) ?? []))}`,
      comes: times(comes),
      ...judge(comes, atMost === undefined ? { unit: '×' } : { atMost, unit: '×' }),
    }
  }
  const [warm, all, cold] = ['ssh, control socket', 'ssh, 30 nodes', 'ssh, cold'] as const
  return [
    row('One node, open connection', 'carl', warm, 1.3),
    row('The same, without the kit', 'carl, no kit', warm),
    row('Its SSH engine alone', 'engine', warm),
    row('The same, resumable', 'carl, resumable', warm),
    row('Thirty nodes at once, open connections', 'carl, 30 nodes', all, 1.5),
    row('The same, without the kit', 'carl, 30 nodes, no kit', all),
    row('Its SSH engine alone', 'engine, 30 nodes', all),
    row('One node, new connection', 'carl, new connection', cold, 1),
    row('The same', 'carl, new connection', 'ssh, cold, curve25519'),
  ]
}

/** A change of a node closes its connection. */
async function dropConnection({ product, nodeIds }: Stage): Promise<void> {
  const [id] = nodeIds
  if (id) await product.client.nodes.change({ params: { id }, body: { paused: false } })
}

/** What a person would do by hand. */
export function peer({ ssh: { clientOptions, nodes } }: Pick<Stage, 'ssh'>) {
  const [first] = nodes
  if (!first) throw new Error('there are no nodes')
  const script = ['127.0.0.1', 'python3', '-']
  const over = (socket: string) => [...clientOptions, '-S', socket, ...script]

  async function warm(): Promise<void> {
    await run('ssh', over(first?.controlSocket ?? ''), { input: plainScript })
  }

  /** `xargs -P 30`, as in a shell. */
  async function warmAll(): Promise<void> {
    const command = ['ssh', ...over('"$1"')].join(' ')
    const each = `printf '%s\\n' "$@" | xargs -P 30 -n 1 sh -c 'exec ${command} < ${plainScript}' sh`
    await run('sh', ['-c', each, 'sh', ...nodes.map(({ controlSocket }) => controlSocket)])
  }

  async function cold(options: readonly string[]): Promise<void> {
    const place = ['-S', 'none', '-p', String(first?.port)]
    await run('ssh', [...clientOptions, ...options, ...place, ...script], { input: plainScript })
  }

  return { warm, warmAll, cold }
}
