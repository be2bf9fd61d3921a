import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright'
import buildFirst from '../e2e/global-setup.ts'
import { type Product, type SessionCookie, startProduct } from '../e2e/product.ts'
import { type LivedIn, liveIn } from '../testbed/lived-in.ts'
import { freePort } from '../testbed/tcp-proxy.ts'
import { failedAudits, figuresOf, type LighthouseResult, toTable } from './lighthouse/verdict.ts'

/**
 * `npm run lighthouse`: what Lighthouse says of the main pages of the real product, on a desk and on a phone. Prints a
 * table with the four figures and what failed; accessibility and best practices are to be 100, performance at least 95.
 * `-- --only nodes,findings --form mobile` narrows it down. Fetches Lighthouse (170 MB) into `.cache/` the first time.
 */
const version = '13.5.0'
const cache = resolve(import.meta.dirname, '../.cache/lighthouse')

const pages: Readonly<Record<string, (from: LivedIn) => string>> = {
  home: () => '',
  nodes: () => 'nodes',
  node: ({ nodes }) => `nodes/${nodes.nas.id}`,
  execution: ({ executions }) => `executions/${executions.report.id}`,
  findings: () => 'findings',
  schedules: () => 'schedules',
  settings: () => 'settings',
  'sign-in': () => 'login',
}
const forms = ['desktop', 'mobile'] as const
type Form = (typeof forms)[number]

const { values: given } = parseArgs({ options: { only: { type: 'string' }, form: { type: 'string' } } })
const wanted = Object.keys(pages).filter((name) => given.only?.split(',').includes(name) ?? true)
const wantedForms = forms.filter((form) => given.form === undefined || form === given.form)

/** What of Lighthouse is used here. */
interface Lighthouse {
  readonly default: (
    url: string,
    flags: object,
    config?: object,
  ) => Promise<{ lhr: LighthouseResult; report: string }>
  readonly desktopConfig: object
}

/** A package of its own, apart from ours: nobody else needs it, and it brings more than all others together. */
async function fetchLighthouse(): Promise<Lighthouse> {
  const folder = join(cache, 'node_modules/lighthouse')
  const manifest = join(folder, 'package.json')
  const isThere =
    existsSync(manifest) &&
    (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version === version
  if (!isThere) {
    process.stdout.write(`Fetching lighthouse ${version}…\n`)
    mkdirSync(cache, { recursive: true })
    const install = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', cache]
    execFileSync('npm', [...install, `lighthouse@${version}`], { cwd: cache, stdio: 'inherit' })
  }
  return (await import(pathToFileURL(join(folder, 'core/index.js')).href)) as Lighthouse
}

/** Opens one page in a browser that was never there, and returns what Lighthouse says of it. */
async function judge(lighthouse: Lighthouse, url: string, form: Form, session: SessionCookie | null) {
  const profile = mkdtempSync(join(tmpdir(), 'carl-lighthouse-'))
  const port = await freePort()
  // Lighthouse takes the first context of a browser, which only a lasting one has cookies for.
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--disable-background-networking',
      `--remote-debugging-port=${port}`,
    ],
  })
  try {
    if (session) await context.addCookies([session])
    const flags = { port, output: 'html', logLevel: 'error' }
    const { lhr, report } = await lighthouse.default(
      url,
      flags,
      form === 'desktop' ? lighthouse.desktopConfig : undefined,
    )
    return { lhr, report }
  } finally {
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  }
}

async function judgeAll(lighthouse: Lighthouse, product: Product, lived: LivedIn): Promise<boolean> {
  const rows: { page: string; form: Form; figures: ReturnType<typeof figuresOf> }[] = []
  for (const name of wanted) {
    for (const form of wantedForms) {
      const session = name === 'sign-in' ? null : await product.signIn()
      const look = () => judge(lighthouse, `${product.url}${pages[name]?.(lived)}`, form, session)
      const first = await look()
      // On a busy machine it misses the beginning of a page now and then.
      const { lhr, report } = first.lhr.runtimeError ? await look() : first
      writeFileSync(join(cache, `${name}.${form}.html`), report)
      writeFileSync(join(cache, `${name}.${form}.json`), JSON.stringify(lhr))
      const figures = figuresOf(lhr)
      rows.push({ page: name, form, figures })
      process.stdout.write(`${name}, ${form}: ${Object.values(figures).join(' ')}\n`)
      for (const line of failedAudits(lhr)) process.stdout.write(`  ${line}\n`)
    }
  }
  process.stdout.write(`\n${toTable(rows)}\nThe whole reports lie in ${cache}\n`)
  return rows.every(
    ({ figures }) =>
      figures.accessibility === 100 && figures['best-practices'] === 100 && figures.performance >= 95,
  )
}

const lighthouse = await fetchLighthouse()
buildFirst()
const product = await startProduct({ basePath: '', isClaimed: true })
try {
  const lived = await liveIn(product.drive)
  try {
    if (!(await judgeAll(lighthouse, product, lived))) process.exitCode = 1
  } finally {
    await lived.stop()
  }
} finally {
  await product.stop()
}
