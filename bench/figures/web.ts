import type { Page } from 'playwright'
import { agentId, type ExecutionId } from '../../contract/ids.ts'
import { claim, lookFor, openBrowser, seenOn, type Session, untilInPage, watchOf } from '../browser.ts'
import { startFloorPage } from '../floor-page.ts'
import { median, quantile, ratio, takeTurns, type Timings } from '../measure.ts'
import { type Figure, judge, mb, ms, type Row, times } from '../report.ts'
import type { Bench, Stage } from '../stage.ts'
import { peer } from './execution.ts'

type Browser = Awaited<ReturnType<typeof openBrowser>>

/** What a person waits for in the dashboard: the first view, a line that comes, a log that pours, a click on Run. */
export async function web(bench: Bench): Promise<Figure> {
  const stage = await bench.stage()
  const browser = await openBrowser()
  bench.later(browser.close)
  const session = await claim(stage.product)
  const looking = { bench, stage, browser, session }
  return {
    title: 'The dashboard, in a real browser',
    rows: [
      ...(await firstView(looking)),
      ...(await linesToScreen(looking)),
      ...(await logBurst(looking)),
      ...(await clickToLine(looking)),
    ],
    notes: [
      'A first view has an empty cache, on a page that knows who looks. “On the screen” is behind the drawing of the text waited for: the first of thirty nodes, in the list of nodes, on the first page, and in the table of the floor, which is React with one request and one table.',
      'A line on the screen counts from `print` on the node to behind its drawing in the log view.',
      'In the burst, an agent prints 50,000 lines in five seconds while the log view follows; memory is the resident memory of the whole page process.',
      'A click on Run is the one that confirms the dialog of “Run again”, with the log opened as soon as it can be; the node’s own time is the same script over a control socket.',
    ],
  }
}

interface Looking {
  readonly bench: Bench
  readonly stage: Stage
  readonly browser: Browser
  readonly session: Session
}

async function firstView({ bench, stage, browser, session }: Looking): Promise<Row[]> {
  const { url, client } = stage.product
  const nodes = JSON.stringify(await client.nodes.list({ query: { limit: 30 } }))
  const floor = await startFloorPage(bench.folder, nodes)
  bench.later(floor.stop)
  const visit = async (address: string, as?: Session): Promise<number> => {
    const context = await browser.visitor(as)
    await lookFor(context, 'bench-0')
    const page = await context.newPage()
    await page.goto(address)
    const took = await seenOn(page, 'bench-0')
    await context.close()
    return took
  }
  const timings = await takeTurns(
    [
      { name: 'floor', perform: () => visit(floor.url) },
      { name: 'nodes', perform: () => visit(`${url}/nodes`, session) },
      { name: 'home', perform: () => visit(url, session) },
    ],
    { rounds: bench.isQuick ? 3 : 9, quiet: bench.quiet.wait, say: bench.say },
  )
  const bytes = await scriptBytes({ browser, session }, url)
  const rows = (name: string, what: string): Row => {
    const value = ratio(timings, name, 'floor')
    return {
      what,
      carl: ms(of(timings, name)),
      beside: `bare React page: ${ms(of(timings, 'floor'))}`,
      comes: times(value),
      ...judge(value, { atMost: 2.5, unit: '×' }),
    }
  }
  return [
    {
      what: 'Scripts of the first view, packed with gzip',
      carl: `${(bytes / 1e3).toFixed(0)} kB`,
      beside: `bare React page: ${(floor.scriptBytes / 1e3).toFixed(0)} kB`,
      comes: '',
      ...judge(bytes / 1e3, { atMost: 150, unit: 'kB' }),
    },
    rows('home', 'First view, cold, until data is on the screen'),
    rows('nodes', 'The list of nodes, cold'),
  ]
}

const of = (timings: Timings, name: string): number => median(timings.get(name) ?? [])

/** What the scripts that the first page asks for weigh, bytes. */
async function scriptBytes({ browser, session }: Pick<Looking, 'browser' | 'session'>, url: string) {
  const context = await browser.visitor(session)
  await lookFor(context, 'bench-0')
  const page = await context.newPage()
  await page.goto(url)
  // What comes while nothing else is to be done is not waited for.
  const seenMs = await seenOn(page, 'bench-0')
  const scripts = await page.evaluate<string[]>(
    `performance.getEntriesByType('resource').filter(({ startTime }) => startTime < ${seenMs}).map(({ name }) => name).filter((name) => name.endsWith('.js'))`,
  )
  await context.close()
  const sizes = scripts.map(async (script) => {
    const reply = await fetch(script, { headers: { 'accept-encoding': 'gzip' } })
    await reply.arrayBuffer()
    return Number(reply.headers.get('content-length'))
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

async function linesToScreen({ bench, stage, browser, session }: Looking): Promise<Row[]> {
  const ticks: number[] = []
  for (let round = 0; round < (bench.isQuick ? 1 : 3); round++) {
    await bench.quiet.wait()
    const context = await browser.visitor(session)
    const page = await context.newPage()
    const { id, ended } = await startOn(stage, 'bench-ticker', { lines: 300 })
    await page.goto(logOf(stage, id))
    await ended
    await page.getByText('Complete').waitFor()
    // Those before the page was there waited for the page.
    ticks.push(...(await watchOf(page)).ticks.slice(-200))
    await context.close()
  }
  const row = (name: string, value: number): Row => ({
    what: `A line of an agent, on the screen, ${name} of ${ticks.length}`,
    carl: ms(value),
    beside: '',
    comes: '',
    ...judge(value, name === 'median' ? { atMost: 50, unit: 'ms' } : { unit: 'ms' }),
  })
  return [row('median', median(ticks)), row('p99', quantile(ticks, 0.99))]
}

async function logBurst({ bench, stage, browser, session }: Looking): Promise<Row[]> {
  const longest: number[] = []
  const largest: number[] = []
  for (let round = 0; round < (bench.isQuick ? 1 : 3); round++) {
    await bench.quiet.wait()
    const context = await browser.visitor(session)
    const page = await context.newPage()
    const { id, ended } = await startOn(stage, 'bench-burst', { lines: 50_000, seconds: 5 })
    await page.goto(logOf(stage, id))
    await page.getByText('Running with Python').waitFor()
    await page.evaluate('globalThis.benchWatch.longTasks.length = 0')
    let most = 0
    let isOver = false
    const sampling = (async () => {
      while (!isOver) {
        most = Math.max(most, await browser.pageBytes())
        await page.waitForTimeout(250)
      }
    })()
    await ended
    await page.getByText('Complete').waitFor()
    isOver = true
    await sampling
    longest.push(Math.max(0, ...(await watchOf(page)).longTasks))
    largest.push(most)
    await context.close()
  }
  const worst = Math.max(...longest)
  const most = Math.max(...largest)
  return [
    {
      what: 'Log burst, longest task of the page',
      carl: worst === 0 ? 'none over 50 ms' : ms(worst),
      beside: '',
      comes: '',
      ...judge(worst, { atMost: 200, unit: 'ms' }),
    },
    {
      what: 'Log burst, memory of the page',
      carl: mb(most),
      beside: '',
      comes: '',
      ...judge(most / 1e6, { atMost: 500, unit: 'MB' }),
    },
  ]
}

async function clickToLine({ bench, stage, browser, session }: Looking): Promise<Row[]> {
  const { id, ended } = await startOn(stage, 'bench-ticker', { lines: 1 })
  await ended
  const context = await browser.visitor(session)
  const page = await context.newPage()
  const ssh = peer(stage)
  const timings = await takeTurns(
    [
      {
        name: 'click',
        prepare: async () => {
          await page.goto(`${stage.product.url}/executions/${id}`)
          await page.getByRole('button', { name: 'Run again' }).click()
          await page.getByRole('button', { name: 'Run on 1 node' }).waitFor()
          await watchClick(page)
        },
        perform: async () => {
          await page.getByRole('button', { name: 'Run on 1 node' }).click()
          await untilInPage(page, 'globalThis.benchWatch.ticks.length > 0')
          return page.evaluate<number>('globalThis.benchWatch.lineAt - globalThis.benchWatch.clickedAt')
        },
      },
      { name: 'node alone', perform: ssh.warm },
    ],
    { rounds: bench.isQuick ? 3 : 9, quiet: bench.quiet.wait, say: bench.say },
  )
  await context.close()
  const over = of(timings, 'click') - of(timings, 'node alone')
  return [
    {
      what: 'Click on Run until its first line is on the screen',
      carl: ms(of(timings, 'click')),
      beside: `the script over a control socket: ${ms(of(timings, 'node alone'))}`,
      comes: `${ms(over)} on top`,
      ...judge(over, { atMost: 300, unit: 'ms on top' }),
    },
  ]
}

/** Has the page note the click and the first line behind it, and open the log as soon as it can be. */
const watchClick = (page: Page): Promise<unknown> =>
  page.evaluate(`{
    const watch = globalThis.benchWatch
    watch.ticks.length = 0
    const push = watch.ticks.push
    watch.ticks.push = (...delays) => {
      watch.lineAt ??= performance.now()
      return push.apply(watch.ticks, delays)
    }
    const open = new MutationObserver(() => {
      const here = location.pathname
      const tab = here === watch.clickedOn ? null : document.querySelector('[role=tab][id$=log], [role=tab][data-tab=log]')
      if (!tab) return
      open.disconnect()
      tab.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, button: 0 }))
      tab.click()
    })
    addEventListener('click', () => {
      watch.clickedAt = performance.now()
      watch.clickedOn = location.pathname
      open.observe(document, { subtree: true, childList: true })
    }, { capture: true, once: true })
  }`)

const logOf = ({ product }: Stage, id: ExecutionId): string => `${product.url}/executions/${id}?tab=log`

async function startOn(
  { product, listener, nodeIds }: Stage,
  agent: string,
  options: Record<string, unknown>,
) {
  const body = { agentId: agentId.parse(agent), targets: nodeIds.slice(0, 1), options }
  const { executions } = await product.client.executions.start({ body })
  const [started] = executions
  if (!started) throw new Error('nothing was started')
  const ended = listener.ending(started.id).then((state) => {
    if (state !== 'succeeded') throw new Error(`${agent} ${state}`)
  })
  return { id: started.id, ended }
}
