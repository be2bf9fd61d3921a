import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { median } from '../measure.ts'
import { digits, type Figure, judge } from '../report.ts'
import type { Bench } from '../stage.ts'

const run = promisify(execFile)
const agents = resolve(import.meta.dirname, '../../agents')
const images = 500
const containers = 200
const seconds = (ms: number) => `${digits(ms / 1_000)} s`

/** Docker Janitor on a node that nobody cleaned for years. */
export async function janitor(bench: Bench): Promise<Figure> {
  const socket = join(bench.folder, 'docker.sock')
  const program = join(agents, 'docker-janitor/test_stand_in_docker.py')
  const docker = spawn('python3', ['-B', program, socket, String(images), String(containers)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  bench.later(async () => {
    docker.stdin.end()
    if (docker.exitCode === null) await once(docker, 'close')
  })
  await once(docker.stdout, 'data')
  const options = JSON.stringify({ socket, keep_last: 1 })
  const perform = async () => {
    const begun = performance.now()
    await run('python3', [join(agents, 'kit/testing.py'), join(agents, 'docker-janitor'), options])
    return performance.now() - begun
  }
  const timings: number[] = []
  for (let round = 0; round <= (bench.isQuick ? 2 : 8); round++) {
    await bench.quiet.wait()
    const took = await perform()
    // The first warms up.
    if (round > 0) timings.push(took)
  }
  const took = median(timings)
  return {
    title: 'Docker Janitor on a crowded node',
    rows: [
      {
        what: `${images} images and ${containers} containers, looked at and judged`,
        carl: seconds(took),
        beside: '',
        comes: seconds(took),
        ...judge(took / 1_000, { atMost: 5, unit: 's' }),
      },
    ],
    notes: [
      'With the two seconds for which it watches fifty containers. Docker is a stand-in on a unix socket, written in Python: it answers about as quickly as the real one on an idle machine, and shares this one’s cores with the agent.',
    ],
  }
}
