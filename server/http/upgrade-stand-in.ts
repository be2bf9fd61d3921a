import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { toMessage } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { UpgradeAddress } from './upgrade-http.ts'
import type { UpgradeProgress } from './upgrade-page.ts'

// In two steps, to keep bundlers from resolving it themselves; see vault/ssh-key.ts.
const workerName = import.meta.url.endsWith('.ts') ? './upgrade-worker.ts' : './upgrade-worker.js'

/**
 * Stands in for the server while its database is upgraded. It never keeps an upgrade from going on: where it cannot
 * listen, nobody sees a page, and that is all.
 */
export async function standIn(address: UpgradeAddress, begin: UpgradeProgress, logger: Logger) {
  const worker = new Worker(new URL(workerName, import.meta.url), {
    workerData: { address, begin },
    env: {},
    argv: [],
    execArgv: [],
  })
  const ended = once(worker, 'exit').catch(() => {})
  let url: string | null = null
  try {
    const [told] = (await once(worker, 'message')) as [{ url: string | null; problem: string | null }]
    url = told.url
    const { problem } = told
    if (problem !== null) logger.warn({ problem }, 'no page while the database is upgraded')
  } catch (error) {
    logger.warn({ problem: toMessage(error) }, 'no page while the database is upgraded')
  }
  worker.on('error', (error) => logger.warn({ err: error }, 'the page of the upgrade ended'))
  return {
    /** Where it listens; null where it cannot. */
    url,
    tell: (progress: UpgradeProgress): void => worker.postMessage(progress),
    /** Resolves when the port is free. */
    end: async (): Promise<void> => {
      worker.postMessage('end')
      await ended
    },
  }
}
