import { existsSync } from 'node:fs'
import { setTimeout as sleepFor } from 'node:timers/promises'
import type { KeyStatus } from '../../contract/master-key.ts'
import type { Config } from '../config.ts'
import { isAppError } from '../lib/errors.ts'
import { createHouse, type House, keySourcesOf } from '../house.ts'
import { localActor } from '../auth/person.ts'
import { createKeyFolder, keyFileOf } from '../vault/keys/folder.ts'
import { openKeyFiles } from '../vault/keys/passphrase.ts'
import { connectTo, findServer } from './client.ts'
import { askNewPassphrase, askPassphrase } from './passphrase.ts'
import { exitCodes } from './problem.ts'

export interface RotateOptions {
  readonly to?: 'generated' | 'passphrase'
}

/** How often the progress is asked for, milliseconds. */
const lookEveryMs = 200

/** `carl unseal`: gives a sealed server its passphrase, through the door for this machine. */
export async function unseal(config: Config): Promise<number> {
  const client = connectTo(findServer(process.env, config))
  const hasOne = existsSync(keyFileOf(config.dataFolder, 'passphrase'))
  const passphrase = hasOne
    ? await askPassphrase('Passphrase')
    : await askNewPassphrase('Choose a passphrase for this server')
  await client.masterKey.unseal({ body: { passphrase: passphrase.reveal() } })
  process.stderr.write('The server is open.\n')
  return exitCodes.ok
}

/** `carl rotate-key`: changes the master key of the running server, and tells how it goes on. */
export async function rotateKey({ to }: RotateOptions, config: Config): Promise<number> {
  const client = connectTo(findServer(process.env, config))
  const before = await client.masterKey.status({})
  const needsPassphrase = to === 'passphrase' || (to === undefined && before.source === 'passphrase')
  const passphrase = needsPassphrase ? await askNewPassphrase('New passphrase') : null
  let status = await client.masterKey.rotate({
    body: { ...(to && { to }), ...(passphrase && { passphrase: passphrase.reveal() }) },
  })
  while (status.rotation) {
    tell(status.rotation)
    await sleepFor(lookEveryMs)
    status = await client.masterKey.status({})
  }
  process.stderr.write(`${whatNow(before, status)}\n`)
  return exitCodes.ok
}

function tell({ done, total, stalled }: NonNullable<KeyStatus['rotation']>): void {
  if (stalled !== null) process.stderr.write(`Stuck, trying again: ${stalled}\n`)
  else if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} secrets\r`)
}

function whatNow(before: KeyStatus, { keyId, source, place }: KeyStatus): string {
  const said = `The master key is changed from ${before.keyId} to ${keyId}.`
  const backups = `Backups from before still need the key ${before.keyId}: keep its recovery kit as long as them.`
  if (source === 'file' || source === 'command')
    return `${said}\nRemove the old key where ${place} gets it.\n${backups}`
  return `${said}\nGet a new recovery kit under Settings, Keys.\n${backups}`
}

/** The house for a command that works without the server; asks for the passphrase where the key is closed with one. */
export async function openHouse(config: Config): Promise<House> {
  try {
    return await createHouse(config)
  } catch (error) {
    if (!isAppError(error) || error.code !== 'vault.sealed' || !process.stdin.isTTY) throw error
  }
  const { dataFolder } = keySourcesOf(config)
  const passphrase = await askPassphrase('Passphrase of this server')
  const keys = await openKeyFiles(await createKeyFolder(dataFolder).read(), passphrase)
  return createHouse(config, {}, { keys, by: localActor, refused: 0 })
}
