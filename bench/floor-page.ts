import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { end, mind } from './program.ts'

const program = `
  const { createServer } = require('node:http')
  const { existsSync, readFileSync } = require('node:fs')
  const { join } = require('node:path')
  const types = { html: 'text/html', js: 'text/javascript', json: 'application/json' }
  const server = createServer(({ url }, reply) => {
    const name = url === '/' ? 'index.html' : url.slice(1)
    const file = join(process.argv[1], name + '.gz')
    if (!existsSync(file)) return reply.writeHead(404).end()
    reply.setHeader('content-type', types[name.split('.').at(-1)]).setHeader('content-encoding', 'gzip')
    reply.end(readFileSync(file))
  })
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))`

/** The floor of a page: bare React with one table, built and served on the fly by nothing but Node. */
export async function startFloorPage(folder: string, nodes: string) {
  const place = join(folder, 'floor')
  mkdirSync(place)
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'page/floor.js'),
    platform: 'browser',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  })
  await bundle.write({ file: join(place, 'floor.js'), format: 'esm', minify: true })
  await bundle.close()
  const write = (name: string, text: string | Buffer) =>
    writeFileSync(join(place, `${name}.gz`), gzipSync(text, { level: 9 }))
  write('floor.js', readFileSync(join(place, 'floor.js')))
  write('nodes.json', nodes)
  write(
    'index.html',
    '<!doctype html><title>Floor</title><div id="root"></div><script type="module" src="./floor.js"></script>',
  )
  const child = mind(
    spawn(process.execPath, ['-e', program, place], { stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    url: `http://127.0.0.1:${port.toString().trim()}/`,
    scriptBytes: readFileSync(join(place, 'floor.js.gz')).length,
    stop: () => end(child),
  }
}
