import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ExecutionId } from '../../contract/ids.ts'
import { executionFloor, type ExecutionFloor } from '../../testbed/execution-floor.ts'
import { anna } from '../../testbed/node-floor.ts'
import { createReadLog } from './read-log.ts'
import { createExecutionRoutes } from './routes.ts'

let floor: ExecutionFloor
let id: ExecutionId

beforeEach(async () => {
  floor = await executionFloor()
  await floor.addNode('nas')
  id = await floor.queueOne('nas')
})
afterEach(() => floor.close())

const call = { actor: anna } as never
const routes = () => {
  const { logs, executionStore: store } = floor
  return createExecutionRoutes({ ...floor, readLog: createReadLog({ store, logs }) }).executions
}
const ask = (of: ExecutionId = id, query: Record<string, unknown> = {}) =>
  ({ params: { id: of }, query, body: undefined }) as never

test('the commands of a run are all found, though its log is long', async () => {
  const log = await floor.logs.writer(id)
  const at = floor.clock.now().toISOString()
  for (let count = 1; count <= 12_000; count++) {
    const message = count % 1_000 === 0 ? { kind: 'exec', argv: ['df', String(count)], rc: 0, ms: 1 } : null
    log.append({ at, stream: 'agent', level: 'debug', text: 'x', message, q: null })
  }
  const { items } = await routes().commands(ask(), call)
  expect(items.map(({ argv }) => argv[1])).toEqual(
    Array.from({ length: 12 }, (_, index) => String((index + 1) * 1_000)),
  )
  await log.close()
})

test('a log can be read from anywhere, and downloaded whole', async () => {
  const log = await floor.logs.writer(id)
  const at = floor.clock.now().toISOString()
  for (const word of ['one', 'two', '\u001b[2Jthree']) {
    log.append({ at, stream: 'out', level: 'info', text: word, message: null, q: null })
  }
  const range = await routes().log(ask(id, { after: 1, limit: 1 }), call)
  expect(range).toMatchObject({ items: [{ seq: 2, text: 'two' }], lastSeq: 3, complete: false })
  const file = await routes().logText(ask(), call)
  expect(file).toMatchObject({ mediaType: 'text/plain', fileName: `${id}.log.txt` })
  expect(await text(file.body as Readable)).toBe(
    ['one', 'two', '\\x1b[2Jthree'].map((word) => `${at} out    ${word}\n`).join(''),
  )
  await log.close()
})

test('whatever is asked of an execution that is not there, it is not found', async () => {
  const none = 'exe_00000000000000000000000000' as ExecutionId
  const { get, log, logText, commands, journal, report, export: exportTo, cancel } = routes()
  for (const handler of [get, log, logText, commands, journal, report, exportTo, cancel]) {
    const answer = Promise.resolve().then(() => handler(ask(none, { after: 0, limit: 1 }), call))
    await expect(answer).rejects.toMatchObject({ code: 'execution.not_found' })
  }
})

test('a report that is not there yet is told apart from an execution that is not there', async () => {
  await expect(routes().report(ask(), call)).rejects.toMatchObject({ code: 'execution.no_report' })
  const exported = routes().export(ask(id, { format: 'csv' }), call)
  await expect(exported).rejects.toMatchObject({ code: 'execution.no_report' })
})
