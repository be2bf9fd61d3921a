import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readContents } from './rooms/imports.ts'
import { judgeImport, type Packages } from './rooms/rules.ts'

/** Rooms whose files are looked at. */
const sources = '{contract,server,web,scripts,testbed,bench,e2e,agents}/**/*.{ts,tsx,mjs,cjs}'

/** Looks at every import of every file. Returns what is not allowed, one line each; the files that were looked at too. */
export function checkRooms(root: string): { files: number; violations: string[] } {
  const packages = readPackages(root)
  const files = globSync(sources, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] }).sort()
  const violations = files.flatMap((path) => {
    const file = path.replaceAll('\\', '/')
    const { imports, shells } = readContents(file, readFileSync(join(root, file), 'utf8'))
    return [
      ...imports.flatMap(({ from, line, names }) => {
        const why = judgeImport(file, from, packages, names)
        return why ? [`${file}:${line} imports ${from}: ${why}`] : []
      }),
      ...shells.map((line) => `${file}:${line} asks for a shell: give the program and a list of arguments`),
    ]
  })
  return { files: files.length, violations }
}

function readPackages(root: string): Packages {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    object | undefined
  >
  const names = (part: string) => new Set(Object.keys(manifest[part] ?? {}))
  return { runtime: names('dependencies'), development: names('devDependencies') }
}

if (import.meta.main) {
  const { files, violations } = checkRooms(resolve(import.meta.dirname, '..'))
  for (const violation of violations) console.error(violation)
  if (violations.length > 0) {
    console.error(`${violations.length} imports go where they may not.`)
    process.exitCode = 1
  } else console.log(`${files} files keep to their rooms and floors.`)
}
