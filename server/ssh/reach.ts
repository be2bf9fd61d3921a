import type { Clock } from '../lib/clock.ts'
import { fail, isAppError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { isAllowed } from '../lib/addresses.ts'
import type { Dial, Dialled, DialOrder } from './dial.ts'
import { literalOf, type Resolve } from './resolve.ts'
import type { SshTarget } from './transport.ts'

export interface ReachTools {
  readonly dials: Readonly<Record<SshTarget['transport'], Dial>>
  readonly resolve: Resolve
  readonly allowedNetworks: () => readonly string[]
  readonly clock: Clock
  readonly logger: Logger
}

/** More addresses of one name are not tried: each may take its whole time limit. */
const mostAddresses = 3

/** Only these say that another address of the same node is worth a try. */
const tryNext = new Set(['ssh.connection_refused', 'ssh.host_unreachable', 'ssh.connection_timeout'])

/** The steps of one attempt to reach a node, for those who take them: the pool in one go, the doctor one by one. */
export function createReach({ dials, resolve, allowedNetworks, clock, logger }: ReachTools) {
  /** Where the node may be. Behind a jump host a name means what it means there, so it is left alone. */
  async function addressesOf({ host, jump }: Pick<SshTarget, 'host' | 'jump'>): Promise<readonly string[]> {
    return jump ? [literalOf(host) ?? host] : resolve(host)
  }

  /** Those that lie in the allowed networks; throws `ssh.address_not_allowed` when none does. */
  function allowedOf(
    { host, jump }: Pick<SshTarget, 'host' | 'jump'>,
    addresses: readonly string[],
  ): string[] {
    if (jump && !literalOf(host)) return [...addresses]
    const networks = allowedNetworks()
    const allowed = addresses.filter((address) => isAllowed(address, networks))
    if (allowed.length > 0) return allowed.slice(0, mostAddresses)
    const detail = `${host} is at ${addresses.join(', ') || 'no address'}, outside of ${networks.join(', ') || 'any network'}.`
    throw fail('ssh.address_not_allowed', { detail })
  }

  /** Dials one address after the other until a server answers; what that one says is final. */
  async function dial(
    target: SshTarget,
    addresses: readonly string[],
    through: DialOrder['through'],
    signal: AbortSignal,
  ): Promise<Dialled> {
    for (const [index, address] of addresses.entries()) {
      try {
        return await dials[target.transport]({ target, address, through, clock, logger, signal })
      } catch (error) {
        const isLast = index === addresses.length - 1
        if (isLast || signal.aborted || !isAppError(error) || !tryNext.has(error.code)) throw error
      }
    }
    throw new Error('there was no address to dial')
  }

  return { addressesOf, allowedOf, dial }
}
export type Reach = ReturnType<typeof createReach>
