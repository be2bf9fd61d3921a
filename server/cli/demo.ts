import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { agentId } from '../../contract/ids.ts'
import { type Config, readConfig } from '../config.ts'
import { startLoopbackNode } from '../demo/loopback-node.ts'
import { createHouse } from '../house.ts'
import { toText } from '../reports/text.ts'
import { type CliClient, connectTo, findServer } from './client.ts'
import { exitCodes, printProblem } from './problem.ts'
import { printEntry, watchExecution } from './watch.ts'

export interface DemoOptions {
  once: boolean
  json: boolean
  port: number
}

const systemHealth = agentId.parse('system-health')

/**
 * `carl demo`: the whole product on this machine, in a folder of its own that goes away again. This machine is
 * reached over real SSH, by a server that listens on the loopback address only and knows one key, made just now.
 */
export async function demo({ once, json, port }: DemoOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'carl-demo-'))
  const { MODEL_STAND_IN } = process.env
  const config: Config = readConfig({
    DATA_DIR: folder,
    HOST: '127.0.0.1',
    PORT: String(once ? 0 : port),
    LOG_LEVEL: 'warn',
    ...(MODEL_STAND_IN && { MODEL_STAND_IN }),
  })
  const node = await startLoopbackNode()
  const house = await createHouse(config)
  try {
    await house.start()
    const client = connectTo(findServer({}, config))
    say('Claude Agent Runner Lite: a look at this machine, over SSH')

    await house.settings.change({ allowedNetworks: ['127.0.0.0/8'] }, house.localActor)
    const credential = await client.credentials.create({
      body: { kind: 'key', name: 'demo key', privateKey: node.privateKey.reveal() },
    })
    const added = await client.nodes.create({
      body: {
        name: 'this machine',
        host: '127.0.0.1',
        port: node.port,
        username: node.username,
        credentialId: credential.id,
      },
    })
    await client.nodes.confirmHostKey({ params: { id: added.id }, body: { ...node.hostKey } })
    if (config.modelStandIn !== null) await useStandIn(client)

    const { executions } = await client.executions.start({
      body: { agentId: systemHealth, targets: [added.id] },
    })
    const [started] = executions
    if (!started) throw new Error('nothing was started')
    const ended = await watchExecution(
      () => client,
      started.id,
      (entry) => printEntry(entry, '  '),
    )
    if (ended.state !== 'succeeded') {
      if (ended.outcome?.problem) printProblem(ended.outcome.problem)
      return exitCodes.failed
    }
    const report = await client.executions.report({ params: { id: started.id } })
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`)
    else {
      const colour = process.stdout.isTTY && process.stdout.hasColors()
      process.stdout.write(`\n${toText(report, { colour, width: process.stdout.columns ?? 100 })}\n`)
    }
    if (!once) await keepOpen(await house.signInLink('admin'))
    return exitCodes.ok
  } finally {
    await house.stop()
    await node.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Has reports explained by the program that plays Claude, without waiting for others to ask with. */
async function useStandIn(client: CliClient): Promise<void> {
  const { setup } = await client.ai.get({})
  const explain = { ...setup.explain, windowS: 0 }
  await client.ai.setUp({ body: { ...setup, driver: 'anthropic', explain } })
  say('A stand-in plays Claude: its words mean nothing, and nothing is spent.')
}

async function keepOpen(link: string): Promise<void> {
  say('\nThe server stays open. This link signs you in, once:')
  process.stderr.write(`  ${styleText(['bold', 'underline'], link, { stream: process.stderr })}\n`)
  process.stderr.write('Press Ctrl-C to stop; nothing of the demo is kept.\n')
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}

function say(text: string): void {
  process.stderr.write(`${styleText('bold', text, { stream: process.stderr })}\n`)
}
