import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright'

/**
 * `./run node scripts/make-icons.ts`: draws the pictures of an installed dashboard from web/public/icon.svg. Run it when
 * that one changes; the pictures are kept beside it, since a build has no browser.
 */
const folder = resolve(import.meta.dirname, '../web/public')

/** An icon that the system cuts to its own shape is drawn to the edges, and what matters within four fifths. */
const icons = [
  { file: 'icon-192.png', size: 192, isCut: false },
  { file: 'icon-512.png', size: 512, isCut: false },
  { file: 'icon-maskable-512.png', size: 512, isCut: true },
  // What an iPhone puts on its home screen, cut by itself.
  { file: 'icon-180.png', size: 180, isCut: true },
]

const drawing = readFileSync(join(folder, 'icon.svg'), 'utf8')
const ground = /<rect[^>]* fill="([^"]+)"/.exec(drawing)?.[1] ?? ''
/** On its own ground, to the edges. */
const wide = drawing.replace('viewBox="0 0 32 32"', 'viewBox="3 3 26 26"').replace('rx="8"', 'rx="0"')

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
for (const { file, size, isCut } of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  const style = `margin: 0; background: ${isCut ? ground : 'transparent'}`
  await page.setContent(`<body style="${style}">${isCut ? wide : drawing}</body>`)
  await page.addStyleTag({ content: `svg { display: block; width: ${size}px; height: ${size}px }` })
  writeFileSync(join(folder, file), await page.screenshot({ omitBackground: !isCut }))
  await page.close()
}
await browser.close()
