import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { toMessage } from '../../server/lib/errors.ts'
import { drillImage } from '../../testbed/image-drill.ts'
import { findCompose } from './compose.ts'
import type { Part } from './part.ts'

const root = resolve(import.meta.dirname, '../..')

/** What is walked through the image, each as one of the published compose files has it. */
const walks: readonly { readonly file: string; readonly journeys: readonly string[] }[] = [
  // As most people have it: started as root on a folder of root, and with the key in the data folder.
  { file: 'compose.yaml', journeys: ['set-up', 'own-backups', 'offline'] },
  {
    file: 'compose.hardened.yaml',
    journeys: ['set-up', 'sign-in', 'node', 'run', 'executions', 'approvals', 'settings', 'configuration'],
  },
]

const all = 'the image, install.sh, the compose files and the journeys through the image'

/** The image, really built, and started in every way that people start it; then walked through with a browser. */
export const image: Part = async ({ say }) => {
  let failed = 0
  const notDone = ['the image for arm64: only its platform-neutral steps are tested, nothing here runs arm64']
  const folder = mkdtempSync(join(tmpdir(), 'carl-compose-'))
  const walk = (tag: string, dockerHost: string) => {
    for (const { file, journeys } of walks) {
      const startedAt = performance.now()
      if (!walkThrough(tag, dockerHost, file, journeys)) failed++
      else
        say(
          `${file}: the journeys ${journeys.join(', ')} walk through the image in ${minutesSince(startedAt)}`,
        )
    }
  }
  const compose = () => {
    const found = findCompose(folder)
    if (!('absent' in found)) return found
    notDone.push(`install.sh and the compose files with Compose: ${found.absent}`)
    return null
  }
  try {
    const told = await drillImage({ walk, findCompose: compose })
    return { failed, notDone: told === 'held' ? notDone : [`${all}: ${told.absent}`] }
  } catch (error) {
    say(toMessage(error))
    return { failed: failed + 1, notDone }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function walkThrough(tag: string, dockerHost: string, file: string, journeys: readonly string[]): boolean {
  const program = join(root, 'node_modules/@playwright/test/cli.js')
  const files = journeys.map((name) => `e2e/${name}.test.ts`)
  const { status } = spawnSync(process.execPath, [program, 'test', '--project=desktop', ...files], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      DOCKER_HOST: dockerHost,
      E2E_IMAGE: tag,
      E2E_COMPOSE: file,
      E2E_RESULT: join(root, `.cache/e2e/result-of-${file}.json`),
    },
  })
  return status === 0
}

const minutesSince = (startedAt: number): string =>
  `${((performance.now() - startedAt) / 60_000).toFixed(1)} min`
