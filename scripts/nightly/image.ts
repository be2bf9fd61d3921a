import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { toMessage } from '../../server/lib/errors.ts'
import { drillImage } from '../../testbed/image-drill.ts'
import type { Part } from './part.ts'

const root = resolve(import.meta.dirname, '../..')

/** What people do first, and what touches most of the product. */
const journeys = ['set-up', 'sign-in', 'run', 'executions'].map((name) => `e2e/${name}.test.ts`)

/** The image, really built, and started in every way that people start it; then walked through with a browser. */
export const image: Part = async ({ say }) => {
  let failed = 0
  const walk = (tag: string, dockerHost: string) => {
    const program = join(root, 'node_modules/@playwright/test/cli.js')
    const { status } = spawnSync(process.execPath, [program, 'test', '--project=desktop', ...journeys], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, E2E_IMAGE: tag, DOCKER_HOST: dockerHost },
    })
    if (status === 0) say(`the journeys ${journeys.join(', ')} walk through the image`)
    else failed++
  }
  const notDone = ['the image for arm64: only its platform-neutral steps are tested, nothing here runs arm64']
  try {
    const told = await drillImage(walk)
    return { failed, notDone: told === 'held' ? notDone : [`the image: ${told.absent}`] }
  } catch (error) {
    say(toMessage(error))
    return { failed: failed + 1, notDone: [] }
  }
}
