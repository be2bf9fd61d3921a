import { resolve } from 'node:path'
import { buildSite } from './docs/site.ts'

/** Builds the documentation into `dist/docs` and looks whether every link in it leads somewhere. */
const root = resolve(import.meta.dirname, '..')
const startedAt = performance.now()
const { pages, problems, folder } = await buildSite(root)
for (const problem of problems) console.error(problem)
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
if (problems.length > 0) {
  console.error(`${problems.length} links lead nowhere.`)
  process.exitCode = 1
} else {
  console.log(`${pages} pages in ${seconds} s: ${folder}/index.html`)
}
