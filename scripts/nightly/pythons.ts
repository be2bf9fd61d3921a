import { resolve } from 'node:path'
import { findPythons, findSuites, runSuite } from '../python/suites.ts'
import type { Part } from './part.ts'

const agentsFolder = resolve(import.meta.dirname, '../../agents')

/** Every test of the agents, the seeded faults too, under every Python of this machine; one after the other. */
export const pythons: Part = async ({ say }) => {
  const { here, missing } = await findPythons()
  const suites = findSuites(agentsFolder)
  const notDone = missing.map((version) => `Python ${version} is not installed`)
  let failed = 0
  for (const python of here) {
    for (const [kind, wanted] of Object.entries(suites)) {
      for (const suite of wanted) {
        const { failure, worthSaying, seconds } = await runSuite(agentsFolder, python, suite)
        const verdict = failure === '' ? 'ok' : 'FAILED'
        say(`Python ${python.version}  ${suite.folder}, ${kind}: ${verdict}, ${seconds.toFixed(0)} s`)
        for (const line of worthSaying) {
          say(`  ${line}`)
          if (line.includes(' skipped ')) notDone.push(`Python ${python.version}, ${suite.folder}: ${line}`)
        }
        if (failure !== '') {
          failed += 1
          say(failure)
        }
      }
    }
  }
  return { failed, notDone }
}
