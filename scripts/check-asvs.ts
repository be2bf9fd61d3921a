import { resolve } from 'node:path'
import { checkAsvs } from './asvs/judge.ts'

const { items, problems } = checkAsvs(resolve(import.meta.dirname, '..'))
for (const problem of problems) console.error(problem)
if (problems.length > 0) {
  console.error(`docs/asvs.yaml promises what is not there, ${problems.length} times.`)
  process.exitCode = 1
} else {
  console.log(`${items} requirements, each with its proof or its reason.`)
}
