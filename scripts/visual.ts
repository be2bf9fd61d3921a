import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { drawStory, launchBrowser, openPage } from './visual/draw.ts'
import { openGallery, type Story } from './visual/gallery.ts'
import { compare, toSheet } from './visual/sheet.ts'
import { isDrawn, pictures } from './visual/stories.ts'

/**
 * `npm run visual`: draws every state of every page, at three widths and in both themes, and holds it against the
 * pictures that are kept in `e2e/pictures`. What differs is laid out in `.cache/visual`. `-- --update` keeps what is
 * drawn now, `--only nodes` narrows it down to stories with that in their name, `--large` lays out sheets to look at.
 */
const { values: given } = parseArgs({
  options: {
    update: { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
})
const root = resolve(import.meta.dirname, '..')
const out = join(root, '.cache/visual')
for (const name of ['differences', 'large']) rmSync(join(out, name), { recursive: true, force: true })
mkdirSync(join(out, 'differences'), { recursive: true })
mkdirSync(join(out, 'large'), { recursive: true })
mkdirSync(pictures, { recursive: true })

const files = globSync('web/**/*.stories.tsx', { cwd: root }).filter(isDrawn)
process.stdout.write(`Building the stories of ${files.length} files…\n`)
const gallery = await openGallery(files, join(out, 'gallery'))
const wanted = gallery.stories.filter(({ id }) => given.only.split(',').some((part) => id.includes(part)))
const browser = await launchBrowser()
const complaints: string[] = []

type Page = Awaited<ReturnType<typeof openPage>>

/** On a busy machine what a story waits for comes too late now and then. */
async function drawPatiently(page: Page, id: string): ReturnType<typeof drawStory> {
  for (let tries = 2; tries > 0; tries--) {
    try {
      return await drawStory(page, gallery.url, id)
    } catch {
      await page.goto('about:blank')
    }
  }
  return drawStory(page, gallery.url, id)
}

async function look({ id }: Story, page: Page): Promise<void> {
  const shots = await drawPatiently(page, id)
  const drawn = await toSheet(shots)
  if (given.large) writeFileSync(join(out, 'large', `${id}.webp`), await toSheet(shots, 2))
  const file = join(pictures, `${id}.webp`)
  if (!existsSync(file)) {
    if (given.update) writeFileSync(file, drawn)
    else complaints.push(`${id}: there is no picture of it`)
    return
  }
  const difference = await compare(readFileSync(file), drawn)
  if (!difference) return
  // A picture that nobody could tell from the kept one is not kept anew: history would grow for nothing.
  if (given.update) return writeFileSync(file, drawn)
  writeFileSync(join(out, 'differences', `${id}.png`), difference.picture)
  complaints.push(`${id}: ${difference.pixels} pixels differ`)
}

/** Stories of one file follow each other in one page; what one leaves behind reaches no other file. */
const todo = [...Map.groupBy(wanted, ({ file }) => file).values()].sort((a, b) => b.length - a.length)
async function work(): Promise<void> {
  const page = await openPage(browser)
  for (let stories = todo.shift(); stories; stories = todo.shift()) {
    for (const story of stories) {
      await look(story, page).catch(async (error: unknown) => {
        complaints.push(`${story.id}: ${error instanceof Error ? error.message : String(error)}`)
        await page.goto('about:blank')
      })
    }
    await page.goto('about:blank')
  }
  await page.context().close()
}

try {
  // One waits for a page to come to rest while the others draw.
  await Promise.all([work(), work(), work()])
} finally {
  await browser.close()
  await gallery.close()
}

// A story that is gone leaves its picture behind.
const known = new Set(gallery.stories.map(({ id }) => `${id}.webp`))
for (const name of readdirSync(pictures).filter((file) => !known.has(file))) {
  if (given.update) rmSync(join(pictures, name))
  else complaints.push(`${name}: there is no such story`)
}
for (const line of complaints.sort()) process.stdout.write(`${line}\n`)
if (complaints.length > 0) {
  process.exitCode = 1
  process.stdout.write(`What differs lies in ${join(out, 'differences')}: before, now, and where.\n`)
  process.stdout.write('If it is meant so: npm run visual -- --update\n')
} else process.stdout.write(`${wanted.length} stories look as they did.\n`)
