import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'

const dist = resolve(import.meta.dirname, '../dist')

/** What Vite tells of one source, or of a piece that several share. */
interface Piece {
  readonly file: string
  readonly imports?: readonly string[]
  readonly dynamicImports?: readonly string[]
}

const readManifest = () =>
  JSON.parse(readFileSync(join(dist, '.manifest.json'), 'utf8')) as Record<string, Piece>

/** The pieces that come along with one, itself among them. */
function withImports(manifest: Record<string, Piece>, name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found
  found.add(name)
  for (const one of manifest[name]?.imports ?? []) withImports(manifest, one, found)
  return found
}

/** Kilobytes, packed as the server sends them. */
function weigh(manifest: Record<string, Piece>, names: Iterable<string>): number {
  const files = new Set(
    [...names].map((name) => manifest[name]?.file).filter((file) => file?.endsWith('.js')),
  )
  const sizes = [...files].map(
    (file) => gzipSync(readFileSync(join(dist, 'web', file ?? '')), { level: 9 }).length,
  )
  return sizes.reduce((sum, size) => sum + size, 0) / 1_000
}

/** Each page with the weight of what it brings along, beside the first view and what all others draw with too. */
function weighPages() {
  const manifest = readManifest()
  const first = withImports(manifest, 'index.html')
  const isShared = (name: string) => first.has(name) || name.startsWith('_ui-')
  const asked = [...first].flatMap((name) => manifest[name]?.dynamicImports ?? [])
  const pages = [...new Set(asked)].filter((name) => name.endsWith('page.tsx'))
  return pages.map((page) => {
    const own = [...withImports(manifest, page)].filter((name) => !isShared(name))
    return { page, kB: weigh(manifest, own) }
  })
}

test('no page brings more than 100 kB of its own', () => {
  const pages = weighPages()
  // Else the names of routes changed, and nothing was weighed.
  expect(pages.length).toBeGreaterThan(20)
  expect(pages.filter(({ kB }) => kB > 100)).toEqual([])
})
