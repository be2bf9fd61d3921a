import { join, resolve } from 'node:path'
import { readModules } from '../server/agents/bundle.ts'
import { systemClock } from '../server/lib/clock.ts'
import { createLogger } from '../server/lib/logger.ts'
import { Secret } from '../server/lib/secret.ts'
import { packModules } from '../server/ssh/bundle-payload.ts'
import { dialBuiltin } from '../server/ssh/builtin.ts'
import { launch } from '../server/ssh/launch.ts'
import { dialOpenSsh } from '../server/ssh/openssh.ts'
import { createPool } from '../server/ssh/pool.ts'
import type { SshTarget } from '../server/ssh/transport.ts'
import type { SshNode, SshNodes } from './ssh-nodes.ts'

const root = resolve(import.meta.dirname, '..')

/**
 * The part of the server that reaches nodes and runs agents there, alone: pool, launch, frames, cancel and bounds,
 * without queue, database and log. Tells how much of a figure is SSH and the node.
 */
export function openEngine(ssh: SshNodes) {
  const clock = systemClock
  const logger = createLogger('silent')
  const pool = createPool({
    dials: { builtin: dialBuiltin, openssh: dialOpenSsh },
    allowedNetworks: () => ['127.0.0.0/8'],
    clock,
    logger,
  })
  const privateKey = new Secret(ssh.privateKey)
  const kit = join(root, 'agents/kit')
  const hints = new Map<SshNode, string>()
  let runs = 0

  const agent = (name: string) => packModules(readModules(join(root, 'bench/agents', name), kit, false))

  function targetOf({ port, hostKey }: SshNode): SshTarget {
    return {
      poolKey: String(port),
      name: String(port),
      host: '127.0.0.1',
      port,
      username: ssh.username,
      transport: 'builtin',
      legacyAlgorithms: false,
      hostKeys: [hostKey],
      connectionsPerHour: 0,
      jump: null,
      withLogin: (use) => use({ kind: 'key', privateKey }),
      onEvent: () => {},
    }
  }

  async function perform(payload: ReturnType<typeof agent>, node: SshNode): Promise<void> {
    const lease = await pool.use(targetOf(node))
    try {
      const visit = await launch(
        lease.connection,
        {
          runId: `bench-${++runs}`,
          payload,
          configure: async () => ({}),
          timeoutS: 60,
          graceS: 5,
          leaseS: 0,
          elevation: 'none',
          sudoPassword: null,
          pythonHint: hints.get(node) ?? null,
        },
        { clock, logger },
      )
      hints.set(node, visit.hello.exe)
      let last = ''
      for await (const frame of visit.frames) last = JSON.stringify(frame)
      const end = await visit.ended
      if (end.kind !== 'ended' || end.frame.code !== 0) throw new Error(`the agent broke: ${last}`)
    } finally {
      lease.release()
    }
  }

  return { agent, perform, close: () => pool.close() }
}
