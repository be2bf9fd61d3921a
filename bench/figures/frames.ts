import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { claim, openBrowser, type Session, untilInPage, watchOf } from '../browser.ts'
import { median, quantile } from '../measure.ts'
import { startProduct } from '../product.ts'
import { type Figure, judge, ms, type Row } from '../report.ts'
import { seed } from '../seed.ts'
import type { Bench } from '../stage.ts'

const count = { nodes: 10_000, executions: 2_000 }
type Browser = Awaited<ReturnType<typeof openBrowser>>

/** How smoothly many nodes scroll, and how long a click on another page takes that was there before. */
export async function frames(bench: Bench): Promise<Figure> {
  const folder = join(bench.folder, 'frames')
  mkdirSync(folder)
  // The first start makes the folder what it is; what fills it comes after.
  await (await startProduct(folder)).stop()
  await seed(folder, count)
  const product = await startProduct(folder)
  bench.later(product.stop)
  const browser = await openBrowser()
  bench.later(browser.close)
  const session = await claim(product)
  const bare = await startBarePage()
  bench.later(bare.stop)
  const at = { bench, browser, session, url: product.url }
  return {
    title: `Scrolling ${count.nodes.toLocaleString('en')} nodes, and going from page to page`,
    rows: [...(await scrolling(at, bare.url)), ...(await goingAbout(at))],
    notes: [
      'A page is scrolled from its top, 1,500 pixels a second for three seconds, by its own frames; a frame counts as late when it comes more than 25 ms after the one before. The bare page is as tall, with one line of text for every 40 pixels and no script. Chromium runs without a window and without a graphics card: everything is painted by the two cores that it shares with the server.',
      'The topology has each of its forty groups unfolded, so all ten thousand nodes stand in the page. List and grid show fifty nodes a page.',
      'A change of page counts from the click on its link in the navigation until the frame behind its heading; each had been open before, so its code and its last answers are there.',
    ],
  }
}

interface At {
  readonly bench: Bench
  readonly browser: Browser
  readonly session: Session
  readonly url: string
}

interface Scroll {
  /** Milliseconds between one frame and the next. */
  readonly gaps: readonly number[]
  readonly longTasks: readonly number[]
  /** What the page's own thread worked, milliseconds of the processor: the same however busy the machine is. */
  readonly workedMs: number
}

async function scrolling({ bench, browser, session, url }: At, bareUrl: string): Promise<Row[]> {
  const rounds = bench.isQuick ? 1 : 3
  const measured = new Map<string, Scroll[]>()
  const places: readonly [string, string, (page: Page) => Promise<unknown>][] = [
    ['bare', bareUrl, (page) => page.getByText('line 0', { exact: true }).waitFor()],
    ['list', `${url}/nodes`, (page) => page.getByText('node-00000').first().waitFor()],
    ['grid', `${url}/nodes?view=grid`, (page) => page.getByText('node-00000').first().waitFor()],
    [
      'topology',
      `${url}/nodes?view=topology`,
      (page) => page.getByRole('region', { name: 'rack-1', exact: true }).waitFor(),
    ],
    ['topology, all unfolded', `${url}/nodes?view=topology`, unfold],
  ]
  for (let round = 0; round < rounds; round++) {
    for (const [name, address, ready] of places) {
      await bench.quiet.wait()
      const context = await browser.visitor(session)
      const page = await context.newPage()
      await page.goto(address)
      await ready(page)
      await page.waitForTimeout(1_000)
      measured.set(name, [...(measured.get(name) ?? []), await scroll(page)])
      await context.close()
    }
  }
  const told = (name: string) => {
    const all = measured.get(name) ?? []
    const gaps = all.flatMap((one) => one.gaps)
    const late = gaps.filter((gap) => gap > 25).length
    return {
      perSecond: (gaps.length / gaps.reduce((sum, gap) => sum + gap, 0)) * 1_000,
      lateShare: (late / gaps.length) * 100,
      longest: Math.max(...gaps),
      longTasks: all.flatMap((one) => one.longTasks),
      workPerFrame: all.reduce((sum, one) => sum + one.workedMs, 0) / gaps.length,
    }
  }
  const bare = told('bare')
  return places.slice(1).map(([name]): Row => {
    const { perSecond, lateShare, longest, longTasks, workPerFrame } = told(name)
    return {
      what: `Frames a second, nodes as ${name}`,
      carl: `${perSecond.toFixed(0)}; late ${lateShare.toFixed(1)} %, longest ${ms(longest)}, tasks over 50 ms: ${longTasks.length}`,
      beside: `bare page: ${bare.perSecond.toFixed(0)}; late ${bare.lateShare.toFixed(1)} %, longest ${ms(bare.longest)}`,
      comes: `work per frame ${ms(workPerFrame)}, bare ${ms(bare.workPerFrame)}`,
      ...judge(Math.round(perSecond), { atLeast: 58, unit: 'a second' }),
    }
  })
}

/** Unfolds every group of the topology, as a person would. */
async function unfold(page: Page): Promise<void> {
  await page.getByRole('region', { name: 'rack-1', exact: true }).waitFor()
  await page.evaluate(
    `for (const one of document.querySelectorAll('section button[aria-expanded=false]')) one.click()`,
  )
  await untilInPage(page, `document.querySelectorAll('section li').length >= ${count.nodes}`)
}

/** Scrolls whatever scrolls, a little with each frame. */
async function scroll(page: Page): Promise<Scroll> {
  await page.evaluate('globalThis.benchWatch.longTasks.length = 0')
  const thread = await page.context().newCDPSession(page)
  await thread.send('Performance.enable', { timeDomain: 'threadTicks' })
  const workedS = async () => {
    const { metrics } = await thread.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
  }
  const before = await workedS()
  const gaps = await page.evaluate<number[]>(`new Promise((done) => {
    const gaps = []
    const begun = performance.now()
    let before = begun
    let goesDown = 1
    requestAnimationFrame(function frame(now) {
      if (before !== begun) gaps.push(now - before)
      const passed = now - before
      before = now
      const at = document.scrollingElement
      if (goesDown > 0 && at.scrollTop + at.clientHeight >= at.scrollHeight - 1) goesDown = -1
      else if (goesDown < 0 && at.scrollTop <= 0) goesDown = 1
      at.scrollBy({ top: goesDown * 1.5 * Math.max(1, passed), behavior: 'instant' })
      if (now - begun > 3_000) done(gaps)
      else requestAnimationFrame(frame)
    })
  })`)
  const workedMs = ((await workedS()) - before) * 1_000
  return { gaps, workedMs, longTasks: [...(await watchOf(page)).longTasks] }
}

async function goingAbout({ bench, browser, session, url }: At): Promise<Row[]> {
  const context = await browser.visitor(session)
  const page = await context.newPage()
  await page.goto(url)
  const names = ['Executions', 'Nodes', 'Agents', 'Schedules', 'Findings', 'Home']
  const took = new Map<string, number[]>()
  // The first time around fetches code and data.
  for (let round = 0; round <= (bench.isQuick ? 3 : 9); round++) {
    if (round > 0) await bench.quiet.wait()
    for (const name of names) {
      const link = page.getByRole('navigation').getByRole('link', { name, exact: true }).first()
      await link.waitFor()
      const selector = await link.getAttribute('href')
      const passed = await page.evaluate<number>(`new Promise((done) => {
        const link = document.querySelector('nav a[href="${selector}"]')
        const before = document.querySelector('h1')?.textContent
        const begun = performance.now()
        const look = () => {
          const heading = document.querySelector('h1')?.textContent
          if (!heading || heading === before) return
          watch.disconnect()
          requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)))
        }
        const watch = new MutationObserver(look)
        watch.observe(document, { subtree: true, childList: true, characterData: true })
        link.click()
      })`)
      if (round > 0) took.set(name, [...(took.get(name) ?? []), passed])
      await page.waitForTimeout(round === 0 ? 1_500 : 300)
    }
  }
  await context.close()
  const all = [...took.values()].flat()
  const slowest = [...took]
    .map(([name, times]) => ({ name, at: median(times) }))
    .sort((a, b) => b.at - a.at)[0]
  return [
    {
      what: `Change of page, ${all.length} of them`,
      carl: `p50 ${ms(median(all))}, p95 ${ms(quantile(all, 0.95))}`,
      beside: slowest ? `slowest: ${slowest.name}, ${ms(slowest.at)}` : '',
      comes: '',
      ...judge(median(all), { atMost: 100, unit: 'ms at p50' }),
    },
  ]
}

/** A page without any script, as tall as the others. */
async function startBarePage() {
  const lines = Array.from({ length: 250 }, (_, at) => `<p style="height:40px;margin:0">line ${at}</p>`).join(
    '',
  )
  const server = createServer((_request, reply) => {
    reply.setHeader('content-type', 'text/html')
    reply.end(`<!doctype html><title>bare</title><body>${lines}</body>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { url, stop: () => server.close() }
}
