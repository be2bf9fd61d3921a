import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright'
import { readResident, type Product } from './product.ts'

/** A browser, and pages in it that watch themselves. */
export async function openBrowser() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'],
  })
  const system = await browser.newBrowserCDPSession()

  /** A person who was never here: no cache, and signed in where a session is given. */
  async function visitor(session?: Session): Promise<BrowserContext> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    await context.addInitScript({ path: join(import.meta.dirname, 'page/watch.js') })
    if (session) await context.addCookies([session])
    return context
  }

  /** Resident memory of the largest page, bytes. */
  async function pageBytes(): Promise<number> {
    const { processInfo } = (await system.send('SystemInfo.getProcessInfo')) as {
      processInfo: { type: string; id: number }[]
    }
    const pages = processInfo.filter(({ type }) => type === 'renderer')
    return Math.max(0, ...pages.map(({ id }) => readResident(id, 'VmRSS')))
  }

  return { visitor, pageBytes, close: () => browser.close() }
}

/** What the page noted about itself. */
export interface Watch {
  /** When a text was on the screen, milliseconds since the page was asked for. */
  readonly seen: Readonly<Record<string, number>>
  readonly longTasks: readonly number[]
  /** For each line that carried its time: how long it took to the screen, milliseconds. */
  readonly ticks: readonly number[]
}

export const watchOf = (page: Page): Promise<Watch> => page.evaluate('globalThis.benchWatch')

/** Resolves once something is so in a page; looks twenty times a second, and gives up after thirty seconds. */
export async function untilInPage(page: Page, isSo: string): Promise<void> {
  for (let turn = 0; turn < 600; turn++) {
    // By hand: what Playwright has for it evaluates text, which the policy of the page forbids.
    if (await page.evaluate<boolean>(`Boolean(${isSo})`)) return
    await page.waitForTimeout(50)
  }
  throw new Error(`it never was so in the page: ${isSo}`)
}

/** Resolves once a text is on the screen, with the milliseconds since the page was asked for. */
export async function seenOn(page: Page, text: string): Promise<number> {
  await untilInPage(page, `globalThis.benchWatch.seen[${JSON.stringify(text)}]`)
  return (await watchOf(page)).seen[text] ?? Number.NaN
}

/** Has every page of a visitor look out for texts from its beginning on. */
export const lookFor = (context: BrowserContext, ...texts: readonly string[]): Promise<unknown> =>
  context.addInitScript(`globalThis.benchWatch.wanted.push(...${JSON.stringify(texts)})`)

export interface Session {
  readonly name: string
  readonly value: string
  readonly url: string
}

/** Makes the first administrator and signs them in. */
export async function claim({ url, setupToken }: Product): Promise<Session> {
  const reply = await fetch(`${url}/api/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: setupToken(), name: 'bench', password: 'heather-lamp-44-orbit' }),
  })
  const [, name = '', value = ''] = /^([^=]+)=([^;]+)/.exec(reply.headers.get('set-cookie') ?? '') ?? []
  if (!reply.ok || !name) throw new Error(`nobody could be signed in: ${await reply.text()}`)
  return { name, value, url }
}
