import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Compose } from '../../testbed/compose-drill.ts'
import { unpackNewer } from './debian.ts'

/** Where Debian has it, once it is unpacked. */
const plugin = 'tree/usr/libexec/docker/cli-plugins/docker-compose'

/** The Compose of this machine; else the one of the next Debian, unpacked below a folder. */
export function findCompose(folder: string): Compose | { readonly absent: string } {
  const works = ({ words: [program, ...args], env }: Compose) =>
    spawnSync(program, [...args, 'version'], { env: { ...process.env, ...env }, stdio: 'ignore' }).status ===
    0
  const installed: readonly Compose[] = [
    { words: ['docker', 'compose'], env: {} },
    { words: ['docker-compose'], env: {} },
  ]
  const found = installed.find(works)
  if (found) return found
  const why = unpackNewer(folder, ['docker-compose'])
  if (why !== null) return { absent: why }
  const settings = join(folder, 'settings')
  mkdirSync(join(settings, 'cli-plugins'), { recursive: true })
  if (!existsSync(join(folder, plugin)))
    return { absent: 'the package of Debian has no plug-in of that name' }
  symlinkSync(join(folder, plugin), join(settings, 'cli-plugins/docker-compose'))
  const unpacked: Compose = { words: ['docker', 'compose'], env: { DOCKER_CONFIG: settings } }
  return works(unpacked) ? unpacked : { absent: 'the one of the next Debian does not start here' }
}
