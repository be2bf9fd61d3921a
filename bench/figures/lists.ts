import autocannon from 'autocannon'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startBareNode } from '../bare-node.ts'
import { median, quantile } from '../measure.ts'
import { type Product, startProduct } from '../product.ts'
import { digits, type Figure, judge, ms, type Row, times } from '../report.ts'
import { seed, type Seeded } from '../seed.ts'
import type { Bench } from '../stage.ts'

const count = { nodes: 10_000, executions: 200_000 }

/** Lists over a database that has grown for years. */
export async function lists(bench: Bench): Promise<Figure> {
  const folder = join(bench.folder, 'lists')
  mkdirSync(folder)
  // The first start makes the folder what it is; what fills it comes after.
  await (await startProduct(folder)).stop()
  bench.say(`Filling a database with ${count.nodes} nodes and ${count.executions} executions…`)
  const seeded = await seed(folder, count)
  const product = await startProduct(folder)
  bench.later(product.stop)

  const answers = new Map<string, number[]>()
  const paths = questions(seeded)
  const rounds = bench.isQuick ? 1 : 4
  for (let round = 0; round < rounds; round++) {
    await bench.quiet.wait()
    for (const [what, path] of paths) {
      const { responses } = await ask(product, path, { connections: 1, amount: 50 })
      // The first answers of a fresh server compile its statements.
      answers.set(what, [...(answers.get(what) ?? []), ...responses.slice(round === 0 ? 5 : 0)])
    }
  }
  const bare = await besideBareNode(product, bench)
  await product.stop()
  const rows = [...answers].map(([what, all]): Row => {
    const slow = quantile(all, 0.95)
    return {
      what,
      carl: `p50 ${ms(median(all))}, p95 ${ms(slow)}`,
      beside: '',
      comes: '',
      ...judge(slow, { atMost: 50, unit: 'ms at p95' }),
    }
  })
  return {
    title: `Lists with ${count.nodes.toLocaleString('en')} nodes and ${count.executions.toLocaleString('en')} executions`,
    rows: [...rows, bare],
    notes: [
      'One client with a token, one request after another (autocannon), 50 items a page unless told otherwise.',
    ],
  }
}

function questions({ nodeIds, nodeNames, executionIds }: Seeded): [string, string][] {
  const deepExecution = executionIds[1_000] ?? ''
  const deepNode = nodeNames.at(-100) ?? ''
  return [
    ['Executions, first page', '/executions'],
    ['Executions, page of 200', '/executions?limit=200'],
    ['Executions, behind 199,000', `/executions?cursor=${deepExecution}`],
    ['Executions of a node', `/executions?nodeId=${nodeIds[4_242] ?? ''}`],
    ['Executions of an agent', '/executions?agentId=docker-janitor'],
    ['Executions of an agent, behind 199,000', `/executions?agentId=docker-janitor&cursor=${deepExecution}`],
    ['Failed executions', '/executions?state=failed'],
    ['Lost executions, a handful', '/executions?state=lost'],
    ['Failed executions of an agent that never fails', '/executions?agentId=never-fails&state=failed'],
    ['Nodes, first page', '/nodes'],
    ['Nodes, page of 200', '/nodes?limit=200'],
    ['Nodes, last page', `/nodes?cursor=${deepNode}`],
    ['Nodes by a part of their name', '/nodes?search=0777'],
    ['Nodes by a part of their name that none has', '/nodes?search=nowhere'],
    ['Nodes with a rare tag', '/nodes?tag=storage'],
  ]
}

interface Place {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

interface Load {
  readonly connections: number
  readonly amount?: number
  readonly duration?: number
}

async function ask({ url, headers }: Place, path: string, load: Load) {
  const responses: number[] = []
  const running = autocannon({ url: `${url}/api/v1${path}`, headers, ...load })
  running.on('response', (_client, _status, _bytes, responseMs) => responses.push(responseMs))
  const result = await running
  if (result.errors > 0 || result.non2xx > 0) {
    throw new Error(`${path}: ${result.errors} errors, ${result.non2xx} refusals`)
  }
  return { responses, perSecond: result.requests.average }
}

/** The same bytes from a server that does nothing else. */
async function besideBareNode(product: Product, bench: Bench): Promise<Row> {
  const path = '/executions'
  const body = await (await fetch(`${product.url}/api/v1${path}`, { headers: product.headers })).text()
  const floor = await startBareNode(body)
  const bare = { url: floor.url, headers: {} }
  const both = { carl: [] as number[], bare: [] as number[] }
  for (let round = 0; round < (bench.isQuick ? 1 : 4); round++) {
    await bench.quiet.wait()
    both.carl.push(...(await ask(product, path, { connections: 1, amount: 200 })).responses)
    both.bare.push(...(await ask(bare, path, { connections: 1, amount: 200 })).responses)
  }
  const { perSecond } = await ask(product, path, { connections: 10, duration: 3 })
  await floor.stop()
  const comes = median(both.carl) / median(both.bare)
  return {
    what: 'Executions, first page, beside the same bytes from bare Node',
    carl: `p50 ${ms(median(both.carl))}; ${digits(perSecond)}/s for ten clients`,
    beside: `bare Node: p50 ${ms(median(both.bare))}`,
    comes: times(comes),
    ...judge(comes, { atMost: 4, unit: '×' }),
  }
}
