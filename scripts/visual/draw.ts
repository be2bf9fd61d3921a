import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright'
import type { Shot } from './sheet.ts'

const widths = [1280, 768, 375] as const
const themes = ['light', 'dark'] as const
const screenHeight = 800

/** Fixtures say "three minutes ago", and dates that are near this one. */
const now = new Date('2026-11-27T09:20:00Z')

/** How tall a page is drawn at most, pixels. */
const tallest = 2_400

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--disable-background-networking',
      // Letters are drawn alike on every machine.
      '--font-render-hinting=none',
      '--disable-lcd-text',
      '--force-color-profile=srgb',
      '--hide-scrollbars',
    ],
  })

/** A page in which time stands, nothing moves and chance is the same each time. */
export async function openPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
    viewport: { width: widths[0], height: screenHeight },
  })
  const page = await context.newPage()
  await page.clock.setFixedTime(now)
  await page.addInitScript({ path: join(import.meta.dirname, 'page/hand.js') })
  return page
}

/**
 * Draws a story at every width in every theme; `change` is done to it before. A page that shows a story already goes on
 * to the next without loading anything, in a third of the time: begin with `openPage` or `about:blank` to have it fresh.
 */
export async function drawStory(
  page: Page,
  url: string,
  id: string,
  change?: (page: Page) => Promise<unknown>,
): Promise<Shot[]> {
  await page.setViewportSize({ width: widths[0], height: screenHeight })
  if (page.url().startsWith(url)) {
    await page.evaluate(`visualHand.show(${JSON.stringify(id)})`)
  } else {
    await page.goto(`${url}iframe.html?id=${id}&viewMode=story&globals=theme:light`)
    await page.addStyleTag({ content: motionless })
  }
  const ending = await page.waitForFunction(`visualHand.ending(${JSON.stringify(id)})`, null, {
    timeout: 90_000,
  })
  if ((await ending.jsonValue()) !== 'finished') throw new Error(`the story ${id} does not draw`)
  await page.mouse.move(0, 0)
  await change?.(page)
  const shots: Shot[] = []
  const browser = await page.context().newCDPSession(page)
  for (const width of widths) {
    await page.setViewportSize({ width, height: screenHeight })
    await page.evaluate('visualHand.still()')
    // As tall as all of it, so that what sticks to an edge sticks to the edge of the picture.
    const height = Math.min(tallest, await page.evaluate<number>('visualHand.height()'))
    if (height !== screenHeight) await page.setViewportSize({ width, height })
    for (const theme of themes) {
      await page.evaluate(`visualHand.wear('${theme}')`)
      await page.evaluate('visualHand.still()')
      // Packed in a hurry, which Playwright's own has no word for: half of the time goes there.
      const { data } = await browser.send('Page.captureScreenshot', { format: 'png', optimizeForSpeed: true })
      shots.push({ width, theme, image: Buffer.from(data, 'base64') })
    }
  }
  await browser.detach()
  return shots
}

const motionless =
  '*,*::before,*::after{transition:none!important;animation:none!important;caret-color:transparent!important}'
