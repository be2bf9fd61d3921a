import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drawStory, launchBrowser, openPage } from './draw.ts'
import { openGallery } from './gallery.ts'
import { compare, toSheet } from './sheet.ts'
import { pictures } from './stories.ts'

let folder: string
let gallery: Awaited<ReturnType<typeof openGallery>>
let browser: Browser
let page: Page

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carl-visual-'))
  gallery = await openGallery(['web/nodes/list-page.stories.tsx'], folder)
  browser = await launchBrowser()
  page = await openPage(browser)
})
afterAll(async () => {
  await browser?.close()
  await gallery?.close()
  rmSync(folder, { recursive: true, force: true })
})

const kept = (id: string): Buffer => readFileSync(join(pictures, `${id}.webp`))
/** Has one style sheet in the page besides its own: this one, or an empty one. */
const wear = (css: string) => (one: Page) =>
  one.evaluate(`{
    const sheet = document.querySelector('#seeded') ?? document.head.appendChild(document.createElement('style'))
    sheet.id = 'seeded'
    sheet.textContent = ${JSON.stringify(css)}
  }`)
const shoot = (id: string, css = '') => drawStory(page, gallery.url, id, wear(css))
const draw = async (id: string, css = ''): Promise<Buffer> => toSheet(await shoot(id, css))

/** A table, tiles, and one that has nothing to show; `npm run visual` looks at all others. */
test.for(['nodes-nodelist--list', 'nodes-nodelist--grid', 'nodes-nodelist--no-nodes'])(
  '%s looks as it did',
  async (id) => {
    expect((await compare(kept(id), await draw(id)))?.pixels).toBeUndefined()
  },
)

describe('what a designer would see is seen', () => {
  const add = 'a[href="/nodes/new"]'
  test.for([
    ['a button that moved by a letter', `${add}{transform:translateX(-10px)}`],
    ['a button that moved down, at one width', `@media(max-width:500px){${add}{transform:translateY(10px)}}`],
    ['a label that is hidden', 'th:nth-child(3)>*{visibility:hidden} th:nth-child(3){color:transparent}'],
    [
      'a word that is gone',
      'tbody tr:first-child td:nth-child(2),tbody tr:first-child th a{visibility:hidden}',
    ],
    ['a colour that means something else', '.text-status-ok{color:var(--status-fail)!important}'],
    [
      'a colour that only the dark theme has wrong',
      '[data-theme=dark]{--muted-foreground:var(--card)!important}',
    ],
    ['rows that stand closer', 'tbody td{padding-block:2px!important;height:auto!important}'],
  ])('%s', async ([, change]) => {
    const difference = await compare(kept('nodes-nodelist--list'), await draw('nodes-nodelist--list', change))
    expect(difference?.pixels).toBeGreaterThan(8)
  })

  test('and how edges are smoothed is not', async () => {
    const shots = await shoot('nodes-nodelist--list')
    const softened = shots.map(async ({ image, ...shot }) => ({
      ...shot,
      image: await sharp(image).blur(0.5).png().toBuffer(),
    }))
    const sheet = await toSheet(await Promise.all(softened))
    expect((await compare(kept('nodes-nodelist--list'), sheet))?.pixels).toBeUndefined()
  })
})
