import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerToTest, sampleOf } from './model-provider.ts'

/** How the next request is answered instead of with a good answer. */
export type LocalScript =
  | { readonly status: number; readonly headers?: Record<string, string> }
  | { readonly says: string; readonly finish?: string }
  | { readonly body: string }
  | { readonly hangs: true }
  | { readonly cut: true }

interface Completion {
  readonly model: string
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  readonly response_format: { readonly json_schema: { readonly schema: Record<string, unknown> } }
}

interface LocalServerOptions {
  readonly models?: readonly string[]
  /** Like Ollama with little memory: what goes beyond is cut off without a word, tokens. */
  readonly contextTokens?: number
}

/** Plays a local model server with the API of OpenAI, and the traps that Ollama has. */
export async function startLocalModelServer({
  models = ['qwen3:8b'],
  contextTokens = 32_000,
}: LocalServerOptions = {}) {
  const requests: { readonly text: string; readonly authorization: string | undefined }[] = []
  const scripts: LocalScript[] = []
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const { authorization } = request.headers
      const send = (status: number, body: string, headers: Record<string, string> = {}) => {
        reply.writeHead(status, { 'content-type': 'application/json', ...headers })
        reply.end(body)
      }
      if (authorization?.includes('wrong')) return send(401, '{"error":{"message":"no"}}')
      if (request.url === '/v1/models') {
        const data = models.map((id) => ({ id, object: 'model', created: 0, owned_by: 'library' }))
        return send(200, JSON.stringify({ object: 'list', data }))
      }
      if (request.url !== '/v1/chat/completions') return send(404, '404 page not found')
      requests.push({ text, authorization })
      const script = scripts.shift()
      if (script && 'hangs' in script) return undefined
      if (script && 'status' in script) return send(script.status, '{"error":{}}', script.headers)
      if (script && 'body' in script) return send(200, script.body)
      if (script && 'cut' in script) {
        reply.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' })
        reply.write('{"id":"chatcmpl')
        setTimeout(() => reply.destroy(), 20)
        return undefined
      }
      const wanted = JSON.parse(text) as Completion
      if (!models.includes(wanted.model)) return send(404, '{"error":{"message":"model not found"}}')
      const said = script?.says ?? JSON.stringify(answerOf(wanted))
      const size = Math.ceil(JSON.stringify(wanted.messages).length / 3)
      return send(
        200,
        JSON.stringify({
          id: 'chatcmpl-1',
          object: 'chat.completion',
          created: 0,
          model: wanted.model,
          choices: [
            {
              index: 0,
              message: { role: 'assistant', content: said },
              finish_reason: script?.finish ?? 'stop',
            },
          ],
          usage: {
            prompt_tokens: Math.min(size, contextTokens),
            completion_tokens: Math.ceil(said.length / 3),
            total_tokens: size,
          },
        }),
      )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    script: (...next: LocalScript[]) => void scripts.push(...next),
    stop: async (): Promise<void> => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function answerOf({ messages, response_format }: Completion): unknown {
  const [, data] = /```json\n(.*)\n```/.exec(messages.at(-1)?.content ?? '') ?? []
  const untrusted = JSON.parse(data ?? '{}') as Record<string, unknown>
  return answerToTest({ untrusted }) ?? sampleOf(response_format.json_schema.schema)
}
