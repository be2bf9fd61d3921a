// Stands for `npm start` in the snippets of the guides: starts the real server as the line says, waits until it is
// there, and asks it to stop. Its exit status is the server's.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const main = join(import.meta.dirname, '../../server/main.ts')
const server = spawn(process.execPath, [main, 'start'], { stdio: ['ignore', 'pipe', 'inherit'] })
server.stdout.setEncoding('utf8').on('data', (text) => {
  process.stdout.write(text)
  if (/https?:\/\//.test(text)) server.kill('SIGTERM')
})
server.once('exit', (code) => {
  process.exitCode = code ?? 1
})
