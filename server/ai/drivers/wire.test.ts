import { LLMock } from '@copilotkit/aimock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../../testbed/fake-clock.ts'
import { Secret } from '../../lib/secret.ts'
import type { Driver, ModelFetch } from '../driver.ts'
import { testPrompt } from '../readiness.ts'
import { createAnthropicDriver } from './anthropic.ts'
import { createOpenAiCompatibleDriver } from './openai-compatible.ts'

/** A mock that others maintain, so that ours is not only true to itself. */
let mock: LLMock
beforeEach(async () => {
  mock = new LLMock({ port: 0, logLevel: 'silent' })
  await mock.start()
})
afterEach(() => mock.stop())

const fetchNow: ModelFetch = (address, init) => fetch(address, init as RequestInit)
const tools = {
  fetch: fetchNow,
  baseUrl: () => mock.url,
  key: async () => new Secret('sk-mock'),
  clock: createFakeClock(),
}
const drivers: Record<string, () => [Driver, string]> = {
  Anthropic: () => [createAnthropicDriver(tools), 'claude-haiku-5-5'],
  'local models': () => [createOpenAiCompatibleDriver({ ...tools, contextTokens: () => 8_192 }), 'qwen3:8b'],
}
const signal = new AbortController().signal

describe.each(Object.entries(drivers))('the driver for %s, against a mock of others', (_name, make) => {
  const run = () => {
    const [driver, model] = make()
    return driver.run(testPrompt('anthropic'), { model, effort: 'low', signal })
  }

  test('reads an answer', async () => {
    mock.onMessage(/fullest/, { content: '{"mount":"/srv/backup","usedPercent":97}' })
    expect(await run()).toMatchObject({ kind: 'answer', json: { mount: '/srv/backup', usedPercent: 97 } })
  })

  test.each([
    [429, 'rate-limited'],
    [529, 'overloaded'],
    [500, 'overloaded'],
    [400, 'bad-request'],
  ])('reads %i as %s, and asks once', async (status, reason) => {
    mock.onMessage(/fullest/, { content: '{}' })
    mock.nextRequestError(status, { message: 'scripted', type: 'scripted_error' })
    expect(await run()).toMatchObject({ kind: 'failed', reason, wasBilled: 'no' })
    expect(mock.getRequests()).toHaveLength(1)
  })
})
