import type { Problem } from '../../contract/errors.ts'
import { fail, isAppError, toMessage } from '../lib/errors.ts'

/** Known problems keep their words; of anything else the message is told. */
export function problemOf(error: unknown): Problem {
  return isAppError(error) ? error.problem : fail('server.bug', { detail: `${toMessage(error)}.` }).problem
}
