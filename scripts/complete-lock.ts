import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

interface Locked {
  version?: string
  optionalDependencies?: Record<string, string>
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
}
export type Packages = Record<string, Locked>

/** How packages name a system in their own name, and how npm calls it. */
const systems: Readonly<Record<string, string>> = {
  aix: 'aix',
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  linuxmusl: 'linux',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  win32: 'win32',
  windows: 'win32',
}
const processors = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
]

/**
 * A package lists one optional dependency per platform. A registry that lacks some of them makes `npm install` leave
 * them out of the lock, and `npm ci` refuse that lock. Returns the entries that are missing.
 */
export function missingEntries(packages: Packages): Packages {
  const missing: Packages = {}
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(optionalDependencies)) {
      const found = findInstalled(packages, path, name)
      const isExact = /^\d/.test(range)
      if (!isExact || (found && packages[found]?.version === range)) continue
      // Another version is in the way further up, so this one belongs below the package that asks for it.
      const folder = found ? `${path}/` : path.slice(0, path.lastIndexOf('node_modules/'))
      missing[`${folder}node_modules/${name}`] = {
        version: range,
        ...(dev && { dev }),
        optional: true,
        ...platformOf(name),
      }
    }
  }
  return missing
}

/** Looks for a package as Node does: beside the one that asks, then further up. */
function findInstalled(packages: Packages, from: string, name: string): string | undefined {
  let folder = from
  for (;;) {
    const path = `${folder ? `${folder}/` : ''}node_modules/${name}`
    if (packages[path]) return path
    if (!folder) return undefined
    const end = folder.lastIndexOf('/node_modules/')
    folder = end < 0 ? '' : folder.slice(0, end)
  }
}

function platformOf(name: string): Pick<Locked, 'cpu' | 'os' | 'libc'> {
  const words = name.split(/[/-]/)
  const os = words.map((word) => systems[word]).find(Boolean)
  const cpu =
    words.findLast((word) => processors.includes(word)) ?? (/-armv7|-arm\b/.test(name) ? 'arm' : undefined)
  const libc = name.includes('musl') ? 'musl' : /linux.*gnu/.test(name) ? 'glibc' : undefined
  return { ...(cpu && { cpu: [cpu] }), ...(os && { os: [os] }), ...(libc && { libc: [libc] }) }
}

function completeLock(file: string, checkOnly: boolean): number {
  const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Packages }
  const missing = missingEntries(lock.packages)
  const names = Object.keys(missing)
  if (names.length === 0) {
    console.log('The lock file is complete.')
    return 0
  }
  if (checkOnly) {
    console.error(
      `npm ci would refuse the lock file. Run: node scripts/complete-lock.ts\nMissing:\n  ${names.join('\n  ')}`,
    )
    return 1
  }
  const all = Object.entries({ ...lock.packages, ...missing })
  lock.packages = Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`Added ${names.length} entries.`)
  return 0
}

if (import.meta.main) {
  const file = resolve(import.meta.dirname, '../package-lock.json')
  process.exitCode = completeLock(file, process.argv.includes('--check'))
}
