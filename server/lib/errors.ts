import { type ErrorCode, type Issue, type Problem, toProblem } from '../../contract/errors.ts'

interface Extras {
  /** What is wrong in this very case; the title of the code when left out. */
  detail?: string
  issues?: Issue[]
  /** When trying again makes sense. */
  retryAt?: Date
  cause?: unknown
}

/** A refusal or a known failure: it has a code, and with it words and a way out. Everything else thrown is a bug. */
export class AppError extends Error {
  readonly problem: Problem
  readonly issues: Issue[] | undefined
  readonly retryAt: Date | undefined

  constructor(code: ErrorCode, { detail, issues, retryAt, cause }: Extras = {}) {
    const problem = toProblem(code, detail)
    super(`${code}: ${problem.detail}`, { cause })
    this.name = 'AppError'
    this.problem = problem
    this.issues = issues
    this.retryAt = retryAt
  }

  get code(): ErrorCode {
    return this.problem.code
  }
}

/** `throw fail('node.not_found')`: the words come from the catalogue. */
export const fail = (code: ErrorCode, extras?: Extras): AppError => new AppError(code, extras)

export const isAppError = (error: unknown): error is AppError => error instanceof AppError

/** The text of anything thrown, for a detail or a log field. */
export const toMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error))
