import { beforeAll, describe, expect, test } from 'vitest'
import type { Interpreter } from '../scripts/python/interpreters.ts'
import { findPythons, findSuites, runSuite, type Suite } from '../scripts/python/suites.ts'

/** Those in between differ little from their neighbours; `npm run nightly` takes them, too. */
const inBetween = new Set(['3.10', '3.12'])

/** They share two cores with each other: most of their time is waiting for commands. */
const withinMs = 400_000
const suites = findSuites(import.meta.dirname)

let pythons: Interpreter[] = []
beforeAll(async () => {
  const { here, missing } = await findPythons()
  pythons = here.filter(({ version }) => !inBetween.has(version))
  if (missing.length > 0) console.log(`Not tried, because it is not here: Python ${missing.join(', ')}.`)
})

/** Runs suites under Pythons, all at once. Returns nothing when all is well, else what a person would see. */
async function failuresOf(under: readonly Interpreter[], wanted: readonly Suite[]): Promise<string> {
  const begin = performance.now()
  const ran = await Promise.all(
    under.flatMap((python) =>
      wanted.map(async (suite) => ({ python, ...(await runSuite(import.meta.dirname, python, suite)) })),
    ),
  )
  for (const { python, worthSaying } of ran)
    for (const line of worthSaying) console.log(`Python ${python.version}: ${line}`)
  const versions = under.map(({ version }) => version).join(', ')
  console.log(`Python ${versions}: ${((performance.now() - begin) / 1_000).toFixed(0)} s together`)
  return ran.flatMap(({ failure }) => failure || []).join('\n\n')
}

describe('the Python of the agents', () => {
  test('some Python is here to try them with', () => {
    expect(pythons.map(({ version }) => version)).not.toEqual([])
  })

  test('the kit and the agents keep their promises under the Pythons that are here', {
    timeout: withinMs,
  }, async () => {
    expect(await failuresOf(pythons, suites.quick)).toBe('')
  })

  // Real faults take long: one Python is enough here, and `npm run nightly` takes the others.
  test('the agents find real faults', { timeout: withinMs }, async () => {
    const newest = pythons.slice(-1)
    expect(newest).toHaveLength(1)
    expect(await failuresOf(newest, suites.seeded)).toBe('')
  })
})
