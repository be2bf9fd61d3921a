import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type BrowserContext, chromium, type Page } from 'playwright'
import { fail } from '../server/lib/errors.ts'
import { toRefusal } from '../server/http/refusals.ts'
import buildFirst from '../e2e/global-setup.ts'
import { findLayoutFaults, findPlainEnglish, findSmallTargets } from '../e2e/layout.ts'
import { type Product, startProduct } from '../e2e/product.ts'
import { watchForTroubles } from '../e2e/troubles.ts'
import { type LivedIn, liveIn } from '../testbed/lived-in.ts'
import { type Shot, shots, type State } from './screenshots/pages.ts'

/**
 * `npm run screenshots`: every page of the dashboard in every state, on a phone, a tablet and a desk, light and dark.
 * `-- --only node --state full --width 375 --theme dark --locale de` narrows it down; `--only` is a part of the name.
 * `--width 360` is the smallest phone, pointed at by a finger. Whatever the browser finds wrong, what is cut, covered, too
 * small or scrolls sideways, and in the pseudo-locales `en-XA` and `ar-XB` what is plain English, is told by a line, and
 * fails it.
 */
const { values: given } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    state: { type: 'string' },
    width: { type: 'string' },
    theme: { type: 'string' },
    locale: { type: 'string', default: 'en' },
    out: { type: 'string', default: resolve(import.meta.dirname, '../.cache/screenshots') },
  },
})
const sizes = [
  { width: 375, height: 812 },
  { width: 768, height: 1024 },
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
].filter(({ width }) => given.width?.split(',').includes(String(width)) ?? width !== 360)
const themes = (['light', 'dark'] as const).filter((one) => given.theme === undefined || one === given.theme)
const wanted = shots.filter(({ name }) => given.only.split(',').some((part) => name.includes(part)))
/** With phones alone it is a finger that points, and needs so much room, in pixels. */
const isTouched = sizes.every(({ width }) => width < 768)
const finger = 44
const isPseudo = /-X[AB]$/.test(given.locale)
const isWanted = (state: State) => given.state === undefined || state === given.state

/** Calls that tell who is signed in: without an answer to them there is no page to show a state on. */
const isSession = (url: string): boolean => /\/api\/v1\/(session|live)/.test(url)

/** Puts the API into a state before a page is opened. */
async function prepare(page: Page, state: State): Promise<void> {
  if (state !== 'loading' && state !== 'error') return
  const refusal = toRefusal(fail('server.not_ready'), { requestId: 'req_screenshot', now: new Date() })
  await page.route('**/api/v1/**', async (route) => {
    if (isSession(route.request().url())) return route.continue()
    // Held back for as long as the page is open.
    if (state === 'loading') return
    await route.fulfill({ status: refusal.status, json: refusal.body })
  })
}

/** Takes one page in one state and theme, at every size. Returns what the browser found wrong. */
async function take(context: BrowserContext, url: string, shot: Shot, state: State, theme: string) {
  const troubles = watchForTroubles(context)
  if (state === 'error') troubles.allow(/ 503$/)
  if (shot.isOutside) troubles.allow(/ 401$/)
  const page = await context.newPage()
  const replies: string[] = []
  page.on('response', (response) => {
    // One that never ends is not waited for.
    if (response.url().includes('/api/'))
      void response.text().then(
        (text) => replies.push(text),
        () => {},
      )
  })
  await prepare(page, state)
  await page.goto(url)
  // What polls and what is held back never ends; a page that is not drawn by then shows it.
  await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => {})
  // Calls are tried again for some seconds first, with quiet moments in between.
  if (state === 'error') await page.getByRole('alert').first().waitFor()
  await shot.first?.(page)
  for (const size of sizes) {
    await page.setViewportSize(size)
    const name = `${shot.name}.${state}.${size.width}.${theme}.png`
    await page.screenshot({ path: join(given.out, name), fullPage: true, animations: 'disabled' })
    process.stdout.write(`${name}\n`)
    tell(await findLayoutFaults(page))
    if (isTouched) tell((await findSmallTargets(page, finger)).map((target) => `small: ${target}`))
  }
  if (isPseudo)
    tell((await findPlainEnglish(page, replies.join('\n'))).map((text) => `plain English: ${text}`))
  await page.close()
  tell(troubles.left())
}

function tell(faults: readonly string[]): void {
  for (const fault of faults) process.stdout.write(`  ! ${fault}\n`)
  if (faults.length > 0) process.exitCode = 1
}

interface Servers {
  readonly used: Product
  readonly empty: Product
  readonly unclaimed: Product
}

async function takeAll({ used, empty, unclaimed }: Servers, lived: LivedIn): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'],
  })
  // One browser cannot be signed in to both at once: a cookie knows the machine, and not the port.
  const cookies = { used: await used.signIn(), empty: await empty.signIn() }
  for (const theme of themes) {
    for (const shot of wanted) {
      for (const state of shot.states.filter(isWanted)) {
        const context = await browser.newContext({
          colorScheme: theme,
          locale: given.locale === 'de' ? 'de-DE' : 'en-GB',
          timezoneId: 'Europe/Berlin',
          reducedMotion: 'reduce',
          isMobile: isTouched,
          hasTouch: isTouched,
          ...(sizes[0] && { viewport: sizes[0] }),
        })
        if (isPseudo) {
          const kept = JSON.stringify({ state: { locale: given.locale }, version: 0 })
          // A page that is about to be left has no storage.
          await context.addInitScript({
            content: `if (location.protocol.startsWith('http')) localStorage.setItem('carl.preferences', '${kept}')`,
          })
        }
        const at = state === 'empty' ? 'empty' : 'used'
        if (!shot.isOutside) await context.addCookies([cookies[at]])
        const url = shot.isUnclaimed
          ? (unclaimed.setupLink ?? '')
          : `${{ used, empty }[at].url}${shot.path(lived)}`
        await take(context, url, shot, state, theme)
        await context.close()
      }
    }
  }
  await browser.close()
}

buildFirst()
rmSync(given.out, { recursive: true, force: true })
mkdirSync(given.out, { recursive: true })
const [used, empty, unclaimed] = await Promise.all(
  [true, true, false].map((isClaimed) => startProduct({ basePath: '', isClaimed })),
)
if (!used || !empty || !unclaimed) throw new Error('a server is missing')
const lived = await liveIn(used.drive)
await used.fillLedger(lived.executions.report)
try {
  await takeAll({ used, empty, unclaimed }, lived)
  process.stdout.write(`\nThey lie in ${given.out}\n`)
} finally {
  await Promise.all([used, empty, unclaimed].map((server) => server.stop()))
  await lived.stop()
}
