import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { api, type CarlApi } from '../../contract/api.ts'
import { type Client, createClient, tableOf } from '../../contract/client.ts'
import type { Config } from '../config.ts'
import { withFiles } from '../config-files.ts'
import { fail } from '../lib/errors.ts'

/** Where the command line finds the server, and as whom. */
export interface Connection {
  readonly url: string
  readonly token: string
}

/**
 * Which server to talk to: the one named by CARL_URL with CARL_TOKEN, else the one that runs on this machine, which
 * leaves its address and a token in its data folder for whoever may read that folder.
 */
export function findServer(env: Record<string, string | undefined>, config: Config): Connection {
  const { CARL_URL: url, CARL_TOKEN: token } = withFiles(env, ['CARL_URL', 'CARL_TOKEN'])
  if (url && token) return { url: url.replace(/\/$/, ''), token }
  try {
    const folder = join(config.dataFolder, 'run')
    return {
      url: readFileSync(join(folder, 'url'), 'utf8').trim(),
      token: readFileSync(join(folder, 'local-token'), 'utf8').trim(),
    }
  } catch (error) {
    throw fail('server.not_running', { detail: `No server runs on ${config.dataFolder}.`, cause: error })
  }
}

/** The typed client of the command line. */
export const connectTo = ({ url, token }: Connection): CliClient =>
  createClient({ baseUrl: url, table: tableOf(api), headers: { authorization: `Bearer ${token}` } })
export type CliClient = Client<CarlApi>
