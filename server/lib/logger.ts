import { AsyncLocalStorage } from 'node:async_hooks'
import { type Logger as Pino, type DestinationStream, pino } from 'pino'

export type Logger = Pino
type Context = Record<string, string>

const context = new AsyncLocalStorage<Context>()

/** Adds facts (request id, execution id, node, actor) to every line logged inside `work`. */
export function withLogContext<Result>(facts: Context, work: () => Result): Result {
  return context.run({ ...context.getStore(), ...facts }, work)
}

const secretNames = [
  'password',
  'passphrase',
  'privateKey',
  'sudoPassword',
  'token',
  'secret',
  'authorization',
  'cookie',
]

/** One structured logger for the process. Fields that are named like secrets are never written. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => context.getStore() ?? {},
    redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
  }
  return destination ? pino(options, destination) : pino(options)
}
