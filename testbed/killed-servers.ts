import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { findServer } from '../server/cli/client.ts'
import { createHouse } from '../server/house.ts'
import { driver, type Driver, testConfig } from './house.ts'
import { type Failpoint, type ServerProcess, startServer } from './server-process.ts'
import { startSshd, type TestSshd } from './sshd.ts'

/**
 * Real processes of the server that a test may kill, on copies of one data folder: with a node called `nas`, and with
 * what `prepare` puts there besides. Whatever still runs after a test is killed, and the folders go with the file.
 */
export function killedServers(prepare: (drive: Driver) => Promise<unknown> = async () => {}) {
  const servers: ServerProcess[] = []
  const folders: string[] = []
  let sshd: TestSshd
  let prepared: string

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'carl-killed-'))
    folders.push(folder)
    return folder
  }

  beforeAll(async () => {
    sshd = await startSshd()
    prepared = newFolder()
    const config = testConfig(prepared)
    const house = await createHouse(config)
    await house.start()
    const drive = driver(findServer({}, config))
    await drive.allowLoopback()
    await drive.addNode(sshd)
    await prepare(drive)
    await house.stop()
  })
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.kill()
  })
  afterAll(async () => {
    await sshd.stop()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })

  return {
    /** A data folder as it was prepared. */
    dataFolder(): string {
      const folder = newFolder()
      cpSync(prepared, folder, { recursive: true })
      return folder
    },
    /** Starts a server there, which kills itself at a point if one is given, and which may think it is another time. */
    async open(folder: string, failpoint?: Failpoint, now?: Date): Promise<ServerProcess> {
      const server = await startServer(folder, failpoint, now && { CARL_TEST_NOW: now.toISOString() })
      servers.push(server)
      return server
    },
  }
}
