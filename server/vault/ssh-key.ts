import { generateKeyPair as generate } from 'node:crypto'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { fail } from '../lib/errors.ts'
import { Secret } from '../lib/secret.ts'
import { type KeyFile, toKeyFile } from './key-import.ts'
import { partsOf } from './key-parts.ts'
import type { KeyReply, KeyRequest } from './key-worker.ts'

export interface SshKey extends Omit<KeyFile, 'privateKey'> {
  /** OpenSSH format, without passphrase. */
  readonly privateKey: Secret
}

/**
 * Where the worker lies: beside this file as long as it runs from source, and beside the bundle afterwards, because
 * this code is then inside the bundle. So a bundler needs `key-worker.ts` as a second entry, and both entries go to
 * one folder. Written in two steps to keep bundlers from resolving it themselves.
 */
const workerName = import.meta.url.endsWith('.ts') ? './key-worker.ts' : './key-worker.js'
export const keyWorkerUrl = new URL(workerName, import.meta.url)

/** Opening a key may take this long; a passphrase with the most rounds allowed takes about 40 seconds. */
const longestMs = 90_000

/** Makes a new ed25519 key pair. */
export async function generateKeyPair(comment: string): Promise<SshKey> {
  const { privateKey } = await promisify(generate)('ed25519')
  return toSshKey(toKeyFile(partsOf(privateKey), comment))
}

/**
 * Reads a private key in any usual form (OpenSSH, PEM, PKCS#8, PuTTY; with or without passphrase), in a thread of
 * its own because that can take seconds. Throws `key.*`; neither key nor passphrase appear in an error.
 */
export async function importKey(text: string, passphrase: string | null): Promise<SshKey> {
  // Without environment and arguments: the worker needs none, and they may hold secrets.
  const worker = new Worker(keyWorkerUrl, {
    env: {},
    argv: [],
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  })
  try {
    const reply = await ask(worker, { text, passphrase })
    if (!reply.ok) throw fail(reply.code, { detail: reply.detail })
    return toSshKey(reply.key)
  } finally {
    await worker.terminate()
  }
}

function ask(worker: Worker, request: KeyRequest): Promise<KeyReply> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      reject(fail('key.unsupported', { detail: 'Opening this key takes too long.' }))
    }, longestMs)
    const settle = (act: () => void) => {
      clearTimeout(late)
      act()
    }
    worker.once('message', (reply: KeyReply) => settle(() => resolve(reply)))
    worker.once('error', (error) => settle(() => reject(error)))
    worker.once('exit', () => settle(() => reject(new Error('the key worker ended without an answer'))))
    worker.postMessage(request)
  })
}

const toSshKey = ({ privateKey, ...shown }: KeyFile): SshKey => ({
  ...shown,
  privateKey: new Secret(privateKey),
})
