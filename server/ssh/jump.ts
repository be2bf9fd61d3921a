import { AppError, isAppError } from '../lib/errors.ts'
import type { SshConnection, SshTarget } from './transport.ts'

/** The open connection of a jump host, held for as long as somebody goes through it. */
export interface Jump {
  readonly connection: SshConnection
  release(): void
}

/** Borrows the connection of a jump host from the pool. */
export type Borrow = (jump: SshTarget, signal: AbortSignal) => Promise<Jump>

/** The jump host was not reached: it is that node that has to be looked at, not the one behind it. */
export class JumpTrouble extends AppError {}

/** Borrows the jump host; its failures are told as its own. */
export async function throughJump(borrow: Borrow, jump: SshTarget, signal: AbortSignal): Promise<Jump> {
  try {
    return await borrow(jump, signal)
  } catch (error) {
    if (!isAppError(error)) throw error
    const { code, problem, retryAt } = error
    const detail = `On the jump host ${jump.name}: ${problem.detail}`
    throw new JumpTrouble(code, { detail, cause: error, ...(retryAt && { retryAt }) })
  }
}
