import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest'
import { httpServer, refuses } from '../testbed/http-server.ts'
import { api } from './api.ts'
import { ApiError, createClient, tableOf } from './client.ts'
import { toProblem } from './errors.ts'
import type { ExecutionId } from './ids.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const id = `exe_${'0'.repeat(26)}` as ExecutionId
const table = tableOf(api)

async function serve(handlers: Parameters<typeof httpServer>[0] & object) {
  const http = httpServer({ ...handlers, config: { basePath: '/lab' } })
  closers.push(http.close)
  const { url } = await http.listen()
  return createClient({ baseUrl: `${url}/`, table, headers: { authorization: 'Bearer carl_admin' } })
}

/** A client whose fetch answers as told. */
const answered = (status: number, text: string) =>
  createClient({
    baseUrl: 'http://carl.home',
    table,
    fetch: async () => ({ ok: status < 400, status, text: async () => text }),
  })

const failureOf = async (call: Promise<unknown>): Promise<ApiError> => {
  const error: unknown = await call.catch((thrown: unknown) => thrown)
  if (!(error instanceof ApiError)) throw new Error('expected an ApiError', { cause: error })
  return error
}

describe('a refusal that something can be done about', () => {
  /** Refuses the first `refusals` calls; `mayRepeat` answers as told. */
  function refusing(refusals: number, isWorthIt: boolean) {
    const asked: string[] = []
    let calls = 0
    const client = createClient({
      baseUrl: 'http://carl.home',
      table,
      fetch: async () => {
        calls += 1
        const ok = calls > refusals
        const error = { ...toProblem('auth.step_up_required'), requestId: 'r' }
        return {
          ok,
          status: ok ? 200 : 403,
          text: async () => JSON.stringify(ok ? { items: [] } : { error }),
        }
      },
      mayRepeat: async ({ problem }) => {
        asked.push(problem.code)
        return isWorthIt
      },
    })
    return { client, asked, calls: () => calls }
  }

  test('is made once more when that is done, and only once', async () => {
    const first = refusing(1, true)
    expect(await first.client.account.tokens()).toEqual({ items: [] })
    const stubborn = refusing(9, true)
    expect((await failureOf(stubborn.client.account.tokens())).problem.code).toBe('auth.step_up_required')
    expect([first.calls(), stubborn.calls(), stubborn.asked.length]).toEqual([2, 2, 1])
  })

  test('stays one when nothing is done', async () => {
    const { client, calls } = refusing(1, false)
    expect((await failureOf(client.account.tokens())).status).toBe(403)
    expect(calls()).toBe(1)
  })
})

describe('calls', () => {
  test('carry parameters, query and body to the handler, and its reply back, typed', async () => {
    const seen: unknown[] = []
    const client = await serve({
      handlers: {
        executions: {
          log: (request: unknown) => {
            seen.push(request)
            return { items: [], lastSeq: 7, complete: true }
          },
          cancel: refuses('execution.finished'),
        },
        session: { logout: () => ({ signedOut: true, goTo: null }) },
      },
    })
    const page = await client.executions.log({ params: { id }, query: { after: 3 } })
    expectTypeOf(page.lastSeq).toEqualTypeOf<number>()
    expect(page).toEqual({ items: [], lastSeq: 7, complete: true })
    expect(await client.session.logout()).toEqual({ signedOut: true, goTo: null })
    expect((await failureOf(client.executions.cancel({ params: { id } }))).problem.code).toBe(
      'execution.finished',
    )
    expect(seen).toEqual([{ params: { id }, query: { after: 3, limit: 500 } }])
  })

  test('give a download as it is, also when it is JSON', async () => {
    const body = '{"a": 1}'
    const client = await serve({
      handlers: { system: { openapi: () => ({ mediaType: 'application/json', fileName: null, body }) } },
    })
    expect(await client.system.openapi()).toBe(body)
  })

  test('cannot be led to another path by a parameter', async () => {
    const urls: string[] = []
    const client = createClient({
      baseUrl: '',
      table,
      fetch: async (url) => {
        urls.push(url)
        return { ok: true, status: 200, text: async () => '{}' }
      },
    })
    await client.agents.get({ params: { id: '../nodes?x=#' } })
    expect(urls).toEqual(['/api/v1/agents/..%2Fnodes%3Fx%3D%23'])
    await expect(client.agents.get({ params: { id: '' } })).rejects.toThrow(TypeError)
  })
})

describe('failures', () => {
  test('are told in the words of the server, with the fields that are wrong', async () => {
    const client = await serve({})
    const error = await failureOf(client.executions.log({ params: { id }, query: { after: -1 } }))
    expect(error).toMatchObject({
      status: 422,
      problem: { code: 'request.invalid' },
      issues: [{ path: 'after' }],
    })
    expect(error.requestId).toMatch(/^req_/)
  })

  test('of a proxy between are told apart from those of the server', async () => {
    const error = await failureOf(answered(502, '<h1>Bad Gateway</h1>').nodes.list())
    expect(error).toMatchObject({ status: 502, problem: { code: 'server.no_answer' } })
    expect(error.problem).toEqual(toProblem('server.no_answer', error.problem.detail))
    const page = await failureOf(answered(200, '<h1>Please sign in</h1>').nodes.list())
    expect(page.problem.code).toBe('server.no_answer')
  })

  test('to reach anybody are told with the address', async () => {
    const nobody = createServer().listen(0, '127.0.0.1')
    await once(nobody, 'listening')
    const { port } = nobody.address() as { port: number }
    nobody.close()
    await once(nobody, 'close')
    const client = createClient({ baseUrl: `http://127.0.0.1:${port}`, table })
    const error = await failureOf(client.nodes.list())
    expect(error).toMatchObject({ status: 0, problem: { code: 'server.no_answer' } })
    expect(error.problem.detail).toContain(String(port))
  })

  test('by an abort stay an abort', async () => {
    const client = createClient({ baseUrl: 'http://127.0.0.1:9', table })
    await expect(client.nodes.list({}, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
  })
})

test('nothing is imported at run time, so that schemas stay out of the browser', () => {
  const source = readFileSync(new URL('./client.ts', import.meta.url), 'utf8')
  const imports = source.split('\n').filter((line) => line.startsWith('import'))
  expect(imports.length).toBeGreaterThan(0)
  for (const line of imports) expect(line).toMatch(/^import type /)
})
