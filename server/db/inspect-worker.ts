import { parentPort, workerData } from 'node:worker_threads'
import { examine } from './inspect.ts'

/**
 * Examines one database and ends. It is a program of its own: when the server is bundled, this file is a further entry
 * that must lie beside the main one as `inspect-worker.js` (see inspect.ts).
 */
parentPort?.postMessage(examine(String(workerData)))
