import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { answerFromTitles, startModelProvider } from './model-provider.ts'

/** `npm run demo:explained`: the demo, with a program that plays Claude. No key is needed, and nothing is spent. */
const carl = resolve(import.meta.dirname, '../carl.cjs')
const provider = await startModelProvider({ answer: answerFromTitles })
const demo = spawn(process.execPath, [carl, 'demo', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, MODEL_STAND_IN: provider.url },
})
// Ctrl-C reaches the demo as well, which then ends by itself.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => demo.kill(signal))
const [code] = (await once(demo, 'close')) as [number | null]
await provider.stop()
process.exitCode = code ?? 1
