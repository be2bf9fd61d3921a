import type { ErrorCode } from '../../contract/errors.ts'
import type { DoctorStep } from '../../contract/nodes.ts'
import type { Clock } from '../lib/clock.ts'
import { type AppError, isAppError } from '../lib/errors.ts'
import type { Budget } from './budget.ts'
import { hopOf, tellConnected } from './connect.ts'
import { type Dialled, HostKeyProblem } from './dial.ts'
import type { Inspect, Inspection } from './doctor.ts'
import { fine, type StepName, skipped, troubled } from './doctor-steps.ts'
import { type Borrow, type Jump, JumpTrouble, throughJump } from './jump.ts'
import type { Reach } from './reach.ts'
import { literalOf } from './resolve.ts'
import type { SshTarget } from './transport.ts'

interface InspectTools {
  readonly reach: Reach
  readonly budget: Budget
  readonly borrow: Borrow
  readonly clock: Clock
}

/** Everything up to the login, in the order it happens. */
const order = [
  'resolve',
  'address',
  'tcp',
  'banner',
  'algorithms',
  'host-key',
  'auth',
] as const satisfies StepName[]
type Early = (typeof order)[number]

/** At which step a dial fails with a code; what is not here fails at the login. */
const stepOf: Partial<Record<ErrorCode, Early>> = {
  'ssh.connection_refused': 'tcp',
  'ssh.host_unreachable': 'tcp',
  'ssh.connection_timeout': 'tcp',
  'ssh.jump_failed': 'tcp',
  'ssh.openssh_missing': 'tcp',
  'ssh.connection_reset': 'banner',
  'ssh.handshake_timeout': 'banner',
  'ssh.server_busy': 'banner',
  'ssh.not_ssh': 'banner',
  'ssh.no_common_algorithm': 'algorithms',
  'ssh.host_key_unknown': 'host-key',
  'ssh.host_key_changed': 'host-key',
}

/**
 * Reaches a node once, outside the pool, and says how far it came. What stops it is a failed step. Throws only
 * `ssh.connection_budget`, which says when to ask again, and the reason of the signal.
 */
export function createInspect({ reach, budget, borrow, clock }: InspectTools): Inspect {
  return async function inspect(target, signal) {
    signal.throwIfAborted()
    const steps: DoctorStep[] = []
    const startedAtMs = clock.monotonicMs()
    const soFarMs = () => clock.monotonicMs() - startedAtMs
    let at: Early = 'resolve'
    let jump: Jump | null = null
    try {
      const addresses = await reach.addressesOf(target)
      steps.push(fine('resolve', resolveDetail(target, addresses), soFarMs()))
      at = 'address'
      const allowed = reach.allowedOf(target, addresses)
      steps.push(fine('address', addressDetail(target, allowed)))
      at = 'tcp'
      budget.take(hopOf(target), target.connectionsPerHour)
      if (target.jump) jump = await throughJump(borrow, target.jump, signal)
      const dialled = await reach.dial(target, allowed, jump?.connection ?? null, signal)
      if (jump) void dialled.connection.closed.then(jump.release)
      tellConnected(target, dialled, 1, soFarMs())
      return allFine(target, steps, dialled, soFarMs())
    } catch (error) {
      jump?.release()
      signal.throwIfAborted()
      if (!isAppError(error) || error.code === 'ssh.connection_budget') throw error
      const { code, problem } = error
      // Trouble on the jump host was told to that node already.
      const isOurs = !(error instanceof JumpTrouble)
      if (isOurs)
        target.onEvent({ kind: 'failed', code, detail: problem.detail, attempt: 1, willRetry: false })
      const step = at === 'tcp' && isOurs ? (stepOf[code] ?? 'auth') : at
      return inTrouble(target, steps, step, error, soFarMs())
    }
  }
}

const resolveDetail = ({ host, jump }: SshTarget, addresses: readonly string[]): string =>
  jump ? `${host} is looked up by the jump host ${jump.name}.` : `${host} is ${addresses.join(', ')}.`

const addressDetail = ({ jump, host }: SshTarget, allowed: readonly string[]): string =>
  jump && !literalOf(host)
    ? 'Not checked: only the jump host knows what this name means.'
    : `${allowed.join(', ')} ${allowed.length === 1 ? 'is' : 'are'} in the allowed networks.`

/** What the steps of a dial say when they go well, as far as they are known. */
function details({ port, username }: SshTarget, dialled?: Dialled): Record<string, string> {
  return {
    tcp: `Port ${port} answers.`,
    banner: 'An SSH server answers.',
    algorithms: dialled
      ? `${Object.values(dialled.algorithms).join(', ')}.`
      : 'There are algorithms in common.',
    'host-key': dialled
      ? `${dialled.connection.hostKey.fingerprint} is the confirmed key.`
      : 'The host key is the confirmed one.',
    auth: `The node let ${username} in.`,
  }
}

function allFine(target: SshTarget, before: readonly DoctorStep[], dialled: Dialled, ms: number): Inspection {
  const told = details(target, dialled)
  const steps = order
    .slice(before.length)
    .map((step) => fine(step, told[step] ?? '', step === 'auth' ? ms : 0))
  return {
    steps: [...before, ...steps],
    offeredHostKey: dialled.connection.hostKey,
    connection: dialled.connection,
  }
}

function inTrouble(
  target: SshTarget,
  before: readonly DoctorStep[],
  at: Early,
  error: AppError,
  ms: number,
): Inspection {
  const told = details(target)
  const failedAt = order.indexOf(at)
  const { code, problem } = error
  const steps = order.slice(before.length).map((step, index) => {
    const position = before.length + index
    if (position < failedAt) return fine(step, told[step] ?? '')
    return position === failedAt ? troubled(step, 'failed', code, problem.detail, ms) : skipped(step)
  })
  const offeredHostKey = error instanceof HostKeyProblem ? error.offered : null
  return { steps: [...before, ...steps], offeredHostKey, connection: null }
}
