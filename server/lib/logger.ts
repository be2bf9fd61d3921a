import { AsyncLocalStorage } from 'node:async_hooks'
import { type Logger as Pino, type DestinationStream, pino } from 'pino'
import { isSecretName, mask } from './secret-names.ts'

export type Logger = Pino
type Context = Record<string, string>

const context = new AsyncLocalStorage<Context>()

/** Adds facts (request id, execution id, node, actor) to every line logged inside `work`. */
export function withLogContext<Result>(facts: Context, work: () => Result): Result {
  return context.run({ ...context.getStore(), ...facts }, work)
}

/** Deeper than this nothing is looked at, so nothing is written. */
const deepest = 6

/** The same facts with a mask for what is named like a secret, at any depth. */
function masked(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  // Errors are written by pino; dates and secrets know their own text.
  if (value instanceof Error || ('toJSON' in value && typeof value.toJSON === 'function')) return value
  if (depth >= deepest) return '…'
  if (Array.isArray(value)) return value.map((item) => masked(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      isSecretName(name) && typeof field !== 'boolean' && field !== null ? mask : masked(field, depth + 1),
    ]),
  )
}

/** An error as pino writes it; what was hung on it is masked like everything else. */
const errorWithoutSecrets = (error: Error): unknown =>
  masked({ ...pino.stdSerializers.errWithCause(error), raw: undefined })

/** One structured logger for the process. Fields that are named like secrets are never written. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => context.getStore() ?? {},
    formatters: { log: (facts: object) => masked(facts) as Record<string, unknown> },
    serializers: { err: errorWithoutSecrets },
  }
  return destination ? pino(options, destination) : pino(options)
}
