import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { styleText } from 'node:util'

const root = resolve(import.meta.dirname, '..')
const tool = (name: string): string => resolve(root, 'node_modules/.bin', name)
const script = (name: string): string[] => [process.execPath, resolve(import.meta.dirname, name)]

/** What `npm run check` looks at. The longest come first, so that two at a time end early. */
const parts: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  lint: [tool('oxlint'), '--type-aware', '--deny-warnings', '.'],
  types: [tool('tsc'), '-b', '--pretty', 'false'],
  python: script('check-python.ts') as [string, string],
  unused: [tool('knip'), '--no-progress', '--no-config-hints'],
  format: [tool('biome'), 'format', '.'],
  rooms: script('check-rooms.ts') as [string, string],
  asvs: script('check-asvs.ts') as [string, string],
  lock: [...(script('complete-lock.ts') as [string, string]), '--check'],
}
const atOnce = 2

interface Result {
  readonly name: string
  readonly passed: boolean
  readonly seconds: number
  readonly output: string
}

function look(name: string, [program, ...args]: readonly [string, ...string[]]): Promise<Result> {
  const startedAt = performance.now()
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const hear = (chunk: Buffer) => {
    output += chunk.toString()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  return new Promise((done) => {
    const end = (passed: boolean) =>
      done({ name, passed, seconds: (performance.now() - startedAt) / 1000, output })
    child.once('error', (error) => {
      output += error.message
      end(false)
    })
    child.once('close', (code) => end(code === 0))
  })
}

/** Looks at the parts named, or at all of them. */
async function check(names: readonly string[]): Promise<Result[]> {
  const results = new Map<string, Result>()
  const waiting = [...names]
  const worker = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      const part = parts[name]
      if (part) results.set(name, await look(name, part))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return names.flatMap((name) => results.get(name) ?? [])
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !parts[name])
if (unknown.length > 0) {
  console.error(
    `There is no check called ${unknown.join(', ')}. There are: ${Object.keys(parts).join(', ')}.`,
  )
  process.exit(2)
}
const startedAt = performance.now()
const results = await check(wanted.length > 0 ? wanted : Object.keys(parts))
for (const { name, passed, output } of results) {
  if (!passed) process.stdout.write(`${styleText('bold', `── ${name}`)}\n${output.trim()}\n\n`)
}
for (const { name, passed, seconds } of results) {
  const verdict = passed ? styleText('green', 'ok    ') : styleText('red', 'failed')
  process.stdout.write(`${name.padEnd(8)} ${verdict} ${seconds.toFixed(1).padStart(5)} s\n`)
}
const failed = results.filter(({ passed }) => !passed).length
const total = ((performance.now() - startedAt) / 1000).toFixed(1)
process.stdout.write(
  failed > 0 ? `${failed} of ${results.length} failed (${total} s)\n` : `All in order (${total} s)\n`,
)
process.exitCode = failed > 0 ? 1 : 0
