import { type Browser, chromium, type Page } from 'playwright'
import type { Shot } from './sheet.ts'

export const widths = [1280, 768, 375] as const
export const themes = ['light', 'dark'] as const

/** Fixtures say "three minutes ago", and dates that are near this one. */
const now = new Date('2026-11-27T09:20:00Z')

/** How tall a page is drawn at most, pixels. */
const tallest = 2_400

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'],
      // Letters are drawn alike on every machine.
      ...['--font-render-hinting=none', '--disable-lcd-text', '--force-color-profile=srgb', '--hide-scrollbars'],
    ],
  })

/** A page in which time stands, nothing moves and chance is the same each time. */
export async function openPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
    viewport: { width: widths[0], height: 800 },
  })
  const page = await context.newPage()
  await page.clock.setFixedTime(now)
  await page.addInitScript(() => {
    let seed = 1
    Math.random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  })
  return page
}

/** Draws a story at every width in every theme; `change` is done to it before. */
export async function drawStory(
  page: Page,
  url: string,
  id: string,
  change?: (page: Page) => Promise<unknown>,
): Promise<Shot[]> {
  await page.setViewportSize({ width: widths[0], height: 800 })
  await page.goto(`${url}iframe.html?id=${id}&viewMode=story&globals=theme:light`)
  const ending = await page.waitForFunction(() => {
    const { __STORYBOOK_PREVIEW__: preview } = globalThis as unknown as {
      __STORYBOOK_PREVIEW__?: { currentRender?: { phase?: string } }
    }
    const phase = preview?.currentRender?.phase
    return phase !== undefined && ['finished', 'aborted', 'errored'].includes(phase) && phase
  })
  if ((await ending.jsonValue()) !== 'finished') throw new Error(`the story ${id} does not draw`)
  await page.addStyleTag({
    content: '*,*::before,*::after{transition:none!important;animation:none!important;caret-color:transparent!important}',
  })
  await page.mouse.move(0, 0)
  await change?.(page)
  const browser = await page.context().newCDPSession(page)
  const shots: Shot[] = []
  for (const width of widths) {
    if (width !== widths[0]) await page.setViewportSize({ width, height: 800 })
    for (const theme of themes) {
      await page.evaluate((wanted) => {
        for (const one of document.querySelectorAll<HTMLElement>('[data-theme]')) one.dataset.theme = wanted
      }, theme)
      await untilStill(page)
      const height = Math.min(tallest, await page.evaluate(() => document.documentElement.scrollHeight))
      // Packed in a hurry, which Playwright's own has no word for: half of the time goes there.
      const { data } = await browser.send('Page.captureScreenshot', {
        format: 'png',
        optimizeForSpeed: true,
        captureBeyondViewport: true,
        clip: { x: 0, y: 0, width, height, scale: 1 },
      })
      shots.push({ width, theme, height, image: Buffer.from(data, 'base64') })
    }
  }
  await browser.detach()
  return shots
}

/** Resolves once nothing has changed in a page for a moment. */
const untilStill = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    await document.fonts.ready
    await new Promise<void>((done) => {
      const settle = () => {
        watch.disconnect()
        requestAnimationFrame(() => requestAnimationFrame(() => done()))
      }
      const watch = new MutationObserver(() => {
        clearTimeout(quiet)
        quiet = setTimeout(settle, 80)
      })
      let quiet = setTimeout(settle, 80)
      // What counts seconds never comes to rest.
      setTimeout(settle, 2_000)
      watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
    })
  })
