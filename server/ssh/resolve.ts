import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'

/** Every address of a name, in the order the system prefers. Throws `ssh.dns_not_found` or `ssh.dns_temporary`. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** How long the name server may take, milliseconds. */
const answerWithinMs = 3_000

/** A name that does not exist; any other failure may pass. */
const unknownName = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA', 'ERR_INVALID_ARG_VALUE'])

/** Asks the system once for each call; a literal address is its own answer. */
export function createResolve({ clock }: { clock: Clock }): Resolve {
  return async function resolve(host) {
    const literal = literalOf(host)
    if (literal) return [literal]
    const { promise: late, reject } = Promise.withResolvers<never>()
    const slow = fail('ssh.dns_temporary', { detail: `DNS did not answer for ${host} within 3 s.` })
    const callOff = clock.after(answerWithinMs, () => reject(slow))
    try {
      const found = await Promise.race([lookup(host, { all: true, verbatim: true }), late])
      return [...new Set(found.map(({ address }) => address))]
    } catch (error) {
      throw error === slow ? slow : toDnsFailure(host, error)
    } finally {
      callOff()
    }
  }
}

/** The address when the host is one already, without the brackets of a URL; else null. */
export function literalOf(host: string): string | null {
  const bare = host.replace(/^\[|\]$/g, '')
  return isIP(bare) ? bare : null
}

export function toDnsFailure(host: string, error: unknown) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return unknownName.has(code)
    ? fail('ssh.dns_not_found', { detail: `The DNS of the server does not know ${host}.`, cause: error })
    : fail('ssh.dns_temporary', {
        detail: `DNS did not answer for ${host} (${code || 'no reason'}).`,
        cause: error,
      })
}
