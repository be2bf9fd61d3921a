import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { build } from 'vite'

const root = resolve(import.meta.dirname, '..')
const target = join(root, 'dist')
// Beside its place, so that a build that fails leaves the last good one, and paths in source maps hold.
const draft = join(root, `dist.${process.pid}`)
const before = `${draft}.before`

/** Programs that are started by themselves, under the name of their file. */
const entries = [
  'server/main.ts',
  'server/vault/key-worker.ts',
  'server/db/inspect-worker.ts',
  'server/http/upgrade-worker.ts',
].filter((file) => existsSync(join(root, file)))

/**
 * Packages stay outside: ssh2 and ws break when bundled, better-sqlite3 is native. These come along, because most of
 * them is never used, and what is left out takes neither time at the start nor memory. So do the bundler's own aids.
 */
const isTakenAlong = (id: string): boolean =>
  /^(commander|kysely|yaml|zod|zod-openapi|@oxc-project\/runtime)(\/|$)/.test(id)

const isPackage = (id: string): boolean => !id.startsWith('.') && !isAbsolute(id) && !isTakenAlong(id)

/** Tests and what Python leaves behind do not travel. */
const isShipped = (path: string): boolean =>
  basename(path) !== '__pycache__' && !/(^test_.*\.py|\.test\.ts)$/.test(basename(path))

async function buildServer(): Promise<void> {
  const bundle = await rolldown({
    cwd: root,
    input: Object.fromEntries(entries.map((file) => [basename(file, '.ts'), file])),
    platform: 'node',
    external: isPackage,
  })
  await bundle.write({
    dir: draft,
    format: 'esm',
    sourcemap: true,
    // All side by side: files that lie beside the sources are looked for beside the bundle.
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    // The engine keeps the text of a program for as long as it runs, and twice as large for one sign outside Latin-1.
    // Names stay, so that a stack trace can be read.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true, asciiOnly: true } },
  })
  await bundle.close()
}

async function buildDashboard(): Promise<void> {
  const outDir = join(draft, 'web')
  await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn', build: { outDir } })
  // Nobody's browser has a use for it.
  renameSync(join(outDir, '.vite/manifest.json'), join(draft, '.manifest.json'))
  rmSync(join(outDir, '.vite'), { recursive: true })
  await buildWorker(outDir)
  const packed = ['boot.js', 'worker.js', 'assets/*.{js,css,svg}']
  for (const name of globSync(packed, { cwd: outDir })) pack(join(outDir, name))
}

/** What the page needs to be opened without the server: code and styles of every page, and letters of our languages. */
const ofShell = ['assets/*.{js,css}', 'assets/*-latin-wght-*.woff2', 'icon.svg', 'manifest*.webmanifest']

/**
 * The worker knows its build and the files of it. The page names the same build, and with it asks for `boot.js`: the
 * name of that one does not change with what is in it.
 */
async function buildWorker(outDir: string): Promise<void> {
  const worker = join(root, 'web/worker/worker.ts')
  const inside = await bundled(worker, {})
  const files = globSync(ofShell, { cwd: outDir }).sort()
  const hash = createHash('sha256').update(inside)
  for (const file of ['index.html', 'boot.js', ...files])
    hash.update(file).update(readFileSync(join(outDir, file)))
  const id = hash.digest('hex').slice(0, 12)

  const page = join(outDir, 'index.html')
  const told = readFileSync(page, 'utf8')
    .replace('data-build=""', `data-build="${id}"`)
    .replace('/boot.js"', `/boot.js?${id}"`)
  writeFileSync(page, told)
  const build = { id, files: [...files, `boot.js?${id}`] }
  writeFileSync(join(outDir, 'worker.js'), await bundled(worker, { carlBuild: JSON.stringify(build) }))
}

/** One file by itself: not every browser takes a worker with imports. */
async function bundled(input: string, define: Record<string, string>): Promise<string> {
  const bundle = await rolldown({ cwd: root, input, transform: { define } })
  const { output } = await bundle.generate({ format: 'iife', minify: true })
  await bundle.close()
  return output[0].code
}

/** Lays packed copies beside a file: once, and smaller than could be had for each request. */
function pack(file: string): void {
  const content = readFileSync(file)
  if (content.length < 1_024) return
  writeFileSync(
    `${file}.br`,
    brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  )
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }))
}

async function prepareAgents(folder: string): Promise<void> {
  const manifests = globSync('*/agent.yaml', { cwd: folder })
  if (manifests.length === 0) return
  const { prepareAgent } = await import('../server/agents/prepared.ts')
  for (const manifest of manifests) prepareAgent(join(folder, dirname(manifest)), join(folder, 'kit'))
}

try {
  mkdirSync(draft)
  await buildServer()
  await buildDashboard()
  cpSync(join(root, 'agents'), join(draft, 'agents'), { recursive: true, filter: isShipped })
  await prepareAgents(join(draft, 'agents'))
  // The one before makes way in one step: a server that starts meanwhile finds either of them whole.
  if (existsSync(target)) renameSync(target, before)
  renameSync(draft, target)
} catch (error) {
  // It names file and line; where in the bundler it was thrown helps nobody.
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  for (const rest of [draft, before]) rmSync(rest, { recursive: true, force: true })
}
