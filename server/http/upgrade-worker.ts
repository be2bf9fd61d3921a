import { parentPort, workerData } from 'node:worker_threads'
import { toMessage } from '../lib/errors.ts'
import { createUpgradeHttp, type UpgradeAddress } from './upgrade-http.ts'
import type { UpgradeProgress } from './upgrade-page.ts'

/**
 * Answers browsers while the database is upgraded, in a thread of its own: a step is one call of the database, and the
 * main thread hears nothing while it lasts. It is a program of its own: when the server is bundled, this file is a
 * further entry that must lie beside the main one as `upgrade-worker.js` (see upgrade-stand-in.ts).
 */
const { address, begin } = workerData as { address: UpgradeAddress; begin: UpgradeProgress }
let progress = begin
const http = createUpgradeHttp(address, () => progress)
parentPort?.on('message', (told: UpgradeProgress | 'end') => {
  if (told !== 'end') {
    progress = told
    return
  }
  void http.close().finally(() => parentPort?.close())
})
http.listen().then(
  (url) => parentPort?.postMessage({ url, problem: null }),
  (error: unknown) => {
    parentPort?.postMessage({ url: null, problem: toMessage(error) })
    parentPort?.close()
  },
)
