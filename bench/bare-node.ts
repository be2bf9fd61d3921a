import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { end, mind } from './program.ts'

const program = `
  const { createServer } = require('node:http')
  const body = process.argv[1]
  const server = createServer((_, reply) => {
    reply.setHeader('content-type', 'application/json; charset=utf-8').end(body)
  })
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))`

/** The floor: a server that is nothing but Node, in a process of its own, and answers everything with one text. */
export async function startBareNode(body: string) {
  const args = ['-e', program, body]
  const child = mind(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }))
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return { url: `http://127.0.0.1:${port.toString().trim()}`, stop: () => end(child) }
}
