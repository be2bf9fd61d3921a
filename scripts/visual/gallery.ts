import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { preview } from 'vite'

const root = resolve(import.meta.dirname, '../..')

/** One state of a page. */
export interface Story {
  /** Also the name of its picture. */
  readonly id: string
  readonly file: string
}

/** What only shows another story in the dark: all are drawn in both themes anyway. */
const isOfItsOwn = ({ exportName }: { exportName: string }): boolean => !exportName.endsWith('Dark')

/**
 * Builds the stories of some files, as Storybook shows them, into a folder and serves them. Without addons: that axe is
 * content is another test.
 */
export async function openGallery(files: readonly string[], folder: string) {
  const args = ['build', '--test', '--quiet', '--disable-telemetry', '--output-dir', folder]
  await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules/storybook/dist/bin/dispatcher.js'), ...args],
    {
      cwd: root,
      env: { ...process.env, STORIES: files.join(' '), NODE_ENV: 'production' },
    },
  )
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
    entries: Record<string, { id: string; importPath: string; type: string; exportName: string }>
  }
  const stories = Object.values(index.entries)
    .filter((entry) => entry.type === 'story' && isOfItsOwn(entry))
    .map(({ id, importPath }): Story => ({ id, file: importPath.replace('./', '') }))
  const server = await preview({
    configFile: false,
    root: folder,
    logLevel: 'error',
    build: { outDir: folder },
    preview: { host: '127.0.0.1', port: 0 },
  })
  const url = server.resolvedUrls?.local[0]
  if (!url) throw new Error('the stories are not served')
  return { url, stories, close: () => server.close() }
}
