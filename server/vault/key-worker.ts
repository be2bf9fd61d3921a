import { parentPort } from 'node:worker_threads'
import type { ErrorCode } from '../../contract/errors.ts'
import { isAppError } from '../lib/errors.ts'
import { type KeyFile, readKey } from './key-import.ts'

/**
 * Reads one key and ends. It is a program of its own: when the server is bundled, this file is a second entry that
 * must lie beside the main one as `key-worker.js` (see ssh-key.ts).
 */
export interface KeyRequest {
  readonly text: string
  readonly passphrase: string | null
}
export type KeyReply =
  | { readonly ok: true; readonly key: KeyFile }
  | { readonly ok: false; readonly code: ErrorCode; readonly detail: string }

parentPort?.once('message', (request: KeyRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply))
})

async function answer({ text, passphrase }: KeyRequest): Promise<KeyReply> {
  try {
    return { ok: true, key: await readKey(text, passphrase) }
  } catch (error) {
    // Of anything unexpected nothing is told: a message could quote the key.
    const known = isAppError(error) ? error.problem : { code: 'key.damaged' as const, detail: '' }
    return { ok: false, code: known.code, detail: known.detail }
  }
}
