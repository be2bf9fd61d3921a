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
      ...[
        '--font-render-hinting=none',
        '--disable-lcd-text',
        '--force-color-profile=srgb',
        '--hide-scrollbars',
      ],
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
    Object.assign(globalThis, {
      storybook: () => (globalThis as { __STORYBOOK_PREVIEW__?: object }).__STORYBOOK_PREVIEW__ ?? {},
    })
  })
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
  await page.setViewportSize({ width: widths[0], height: 800 })
  if (page.url().startsWith(url)) {
    await page.evaluate((storyId) => {
      localStorage.clear()
      storybook().channel.emit('setCurrentStory', { storyId, viewMode: 'story' })
    }, id)
  } else {
    await page.goto(`${url}iframe.html?id=${id}&viewMode=story&globals=theme:light`)
    await page.addStyleTag({ content: still })
  }
  const ending = await page.waitForFunction((storyId) => {
    const render = storybook().currentRender
    const isOver = render?.id === storyId && ['finished', 'aborted', 'errored'].includes(render.phase)
    return isOver && render.phase
  }, id)
  if ((await ending.jsonValue()) !== 'finished') throw new Error(`the story ${id} does not draw`)
  await page.mouse.move(0, 0)
  await change?.(page)
  const browser = await page.context().newCDPSession(page)
  const shots: Shot[] = []
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 })
    await untilStill(page)
    // As tall as all of it, so that what sticks to an edge sticks to the edge of the picture.
    const height = Math.min(tallest, await page.evaluate(heightOfAll))
    if (height !== 800) await page.setViewportSize({ width, height })
    for (const theme of themes) {
      await page.evaluate((wanted) => {
        for (const one of document.querySelectorAll<HTMLElement>('[data-theme]')) one.dataset.theme = wanted
      }, theme)
      await untilStill(page)
      // Packed in a hurry, which Playwright's own has no word for: half of the time goes there.
      const { data } = await browser.send('Page.captureScreenshot', { format: 'png', optimizeForSpeed: true })
      shots.push({ width, theme, height, image: Buffer.from(data, 'base64') })
    }
  }
  await browser.detach()
  return shots
}

const still =
  '*,*::before,*::after{transition:none!important;animation:none!important;caret-color:transparent!important}'

/** What Storybook leaves in a page; each page that is opened has this function. */
declare function storybook(): {
  readonly currentRender?: { readonly id: string; readonly phase: string }
  readonly channel: { emit(event: string, payload: object): void }
}

/** Of the whole page; behind a dialog nobody scrolls. At least that of a small screen. */
const heightOfAll = (): number =>
  document.querySelector('[role=dialog], [role=alertdialog]')
    ? innerHeight
    : Math.max(innerHeight, document.documentElement.scrollHeight)

/** Resolves once nothing has changed in a page for a moment, frames drawn meanwhile included. */
const untilStill = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    await document.fonts.ready
    let hasChanged = false
    const watch = new MutationObserver(() => (hasChanged = true))
    watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    // What counts seconds never comes to rest.
    const latest = performance.now() + 3_000
    do {
      hasChanged = false
      await frame()
      await frame()
      await new Promise((done) => setTimeout(done, 60))
      await frame()
    } while (hasChanged && performance.now() < latest)
    watch.disconnect()
  })
