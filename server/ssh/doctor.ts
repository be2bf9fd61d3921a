import { randomBytes } from 'node:crypto'
import type { ErrorCode } from '../../contract/errors.ts'
import type { DoctorReport, DoctorStep } from '../../contract/nodes.ts'
import type { Clock } from '../lib/clock.ts'
import { isAppError } from '../lib/errors.ts'
import type { Secret } from '../lib/secret.ts'
import { ask } from './ask.ts'
import {
  fine,
  judgeClock,
  judgeDisks,
  judgeScratch,
  judgeShell,
  judgeSudo,
  type StepName,
  skipped,
  troubled,
} from './doctor-steps.ts'
import { asRoot, finderCommand, startFailureOf, sudoPrompt } from './finder.ts'
import { pythonQuestion } from './node-programs.ts'
import { type Probe, parseProbe, probeCommand, probeScript } from './probe.ts'
import type { HostKeyBlob, SshConnection, SshTarget } from './transport.ts'

/** What reaching the node showed, up to the login. */
export interface Inspection {
  readonly steps: readonly DoctorStep[]
  readonly offeredHostKey: HostKeyBlob | null
  /** Open when every step went well; whoever asked closes it. */
  readonly connection: SshConnection | null
}
export type Inspect = (target: SshTarget, signal: AbortSignal) => Promise<Inspection>

interface DoctorTools {
  readonly inspect: Inspect
  readonly clock: Clock
}

interface ExamineOptions {
  readonly elevation: 'none' | 'commands' | 'root'
  /** Where Python was last time. */
  readonly pythonHint: string | null
  /** Lends the sudo password, or null where there is none. */
  withSudoPassword<Result>(use: (password: Secret | null) => Promise<Result>): Promise<Result>
  readonly signal: AbortSignal
}

/** The report, and all that the node answered; null where no command came through. */
export interface Examination extends DoctorReport {
  readonly probe: Probe | null
}

/** The time each question to the node may take, milliseconds: login scripts of eight seconds were seen. */
const answerWithinMs = 20_000

/** The steps after the login, in the order they are shown. */
const stepsAfterLogin: readonly StepName[] = ['shell', 'python', 'scratch-folder', 'sudo', 'disk', 'clock']

/** Facts of a probe that describe the node. */
const platformKeys = ['os', 'version', 'kernel', 'arch', 'uid', 'user', 'shell'] as const

/**
 * The connection doctor: goes through every step from the name of the node to its clock, and says of each what was seen
 * and how to put right what is not. A node that cannot be reached is a report, not an error;
 * only an abort rejects, and `ssh.connection_budget`, which says when to ask again.
 */
export function createDoctor({ inspect, clock }: DoctorTools) {
  async function examine(target: SshTarget, options: ExamineOptions): Promise<Examination> {
    const { steps: before, offeredHostKey, connection } = await inspect(target, options.signal)
    try {
      const visit = connection ? await lookAround(connection, options) : unreached()
      const steps = [...before, ...visit.steps]
      const ok = !steps.some(({ state }) => state === 'failed')
      const report = { nodeId: null, ok, steps, offeredHostKey, platform: visit.platform }
      return { ...report, probe: visit.probe }
    } finally {
      connection?.close()
    }
  }

  async function lookAround(connection: SshConnection, options: ExamineOptions): Promise<Visit> {
    const { probe, shell } = await orTrouble(
      () => probeShell(connection, options),
      (code, detail) => ({ probe: null, shell: troubled('shell', 'failed', code, detail) }),
    )
    if (!probe) return { ...unreached(), steps: [shell, ...unreached().steps.slice(1)] }
    const python = await orTrouble(
      () => findPython(connection, options),
      (code, detail) => withoutPython(troubled('python', 'failed', code, detail)),
    )
    const sudo = await orTrouble(
      () => trySudo(connection, probe, options),
      (code, detail) => troubled('sudo', 'failed', code, detail),
    )
    const scratch = judgeScratch(probe.facts.get('scratch'))
    return {
      steps: [shell, python.step, scratch, sudo, judgeDisks(probe.disks), python.clock],
      platform: platformOf(probe, python.facts, sudo),
      probe,
    }
  }

  /** One command that tells nearly everything; noise and slowness of the login show on the way. */
  async function probeShell(connection: SshConnection, { signal }: ExamineOptions) {
    const mark = newMark()
    const answer = await ask(
      connection,
      { command: probeCommand(mark), stdin: probeScript, awaited: `${mark} begun` },
      { clock, signal, withinMs: answerWithinMs },
    )
    const probe = parseProbe(answer.stdout, mark)
    if (answer.heardAfterMs === null || !probe.facts.has('done')) {
      const { code, detail } = startFailureOf({
        exitCode: answer.exitCode,
        stderr: answer.stderr,
        noise: probe.noise,
      })
      return { probe: null, shell: troubled('shell', 'failed', code, detail, answer.ms) }
    }
    const noise = [probe.noise, answer.stderr.trim()].filter(Boolean).join('\n')
    return { probe, shell: judgeShell(probe.facts.get('shell') ?? '', noise, answer.heardAfterMs) }
  }

  /** Starts Python the way an agent is started, with a program that only tells what it runs on. */
  async function findPython(connection: SshConnection, { pythonHint, signal }: ExamineOptions) {
    const mark = newMark()
    const answer = await ask(
      connection,
      {
        command: `exec ${finderCommand(`doctor-${mark}`, pythonHint)}`,
        stdin: Buffer.concat([pythonQuestion, Buffer.from(`${mark}\n`)]),
      },
      { clock, signal, withinMs: answerWithinMs },
    )
    const { facts, noise } = parseProbe(answer.stdout, mark)
    const [version, path] = [facts.get('python'), facts.get('pythonPath')]
    if (!version || !path) {
      const { code, detail } = startFailureOf({ exitCode: answer.exitCode, stderr: answer.stderr, noise })
      return {
        step: troubled('python', 'failed', code, detail, answer.ms),
        clock: judgeClock(null, 0),
        facts,
      }
    }
    const theirs = Number(facts.get('now'))
    return {
      step: fine('python', `Python ${version} at ${path}.`, answer.ms),
      clock: judgeClock(Number.isFinite(theirs) ? theirs * 1000 : null, clock.now().getTime()),
      facts,
    }
  }

  async function trySudo(
    connection: SshConnection,
    { facts }: Probe,
    options: ExamineOptions,
  ): Promise<DoctorStep> {
    const { elevation } = options
    if (elevation === 'none') return skipped('sudo', 'This node is set to run without sudo.')
    if (facts.get('uid') === '0') return fine('sudo', 'The login is root already.')
    if (elevation === 'commands') {
      const listed = facts.get('sudoListed')
      const exitCode = listed === undefined ? 127 : Number(listed)
      return judgeSudo({ elevation, exitCode, said: facts.get('sudoSaid') ?? '', ms: 0 })
    }
    const { exitCode, stderr, ms } = await options.withSudoPassword((password) =>
      becomeRoot(connection, password, options),
    )
    return judgeSudo({ elevation, exitCode, said: stderr, ms })
  }

  /** Starts `true` as root, the way an agent would be. A wrong password is given once, never twice. */
  async function becomeRoot(connection: SshConnection, password: Secret | null, { signal }: ExamineOptions) {
    let given = false
    const answer = await ask(
      connection,
      {
        command: `exec ${asRoot('true', password !== null)}`,
        ...(password === null && { stdin: '' }),
        converse: (stderr, channel) => {
          const asked = stderr.split(sudoPrompt).length - 1
          if (password && asked === 1 && !given) {
            given = true
            channel.stdin.write(`${password.reveal()}\n`)
          } else if (asked > 1) channel.stdin.end()
        },
      },
      { clock, signal, withinMs: answerWithinMs },
    )
    return { ...answer, stderr: answer.stderr.replaceAll(sudoPrompt, '') }
  }

  return { examine }
}
export type Doctor = ReturnType<typeof createDoctor>

interface Visit {
  readonly steps: DoctorStep[]
  readonly platform: Record<string, string>
  readonly probe: Probe | null
}

const unreached = (): Visit => ({
  steps: stepsAfterLogin.map((step) => skipped(step)),
  platform: {},
  probe: null,
})

/** No letter or digit of it means anything to a shell, and no node can guess it. */
const newMark = (): string => randomBytes(9).toString('hex')

const withoutPython = (step: DoctorStep) => ({
  step,
  clock: judgeClock(null, 0),
  facts: new Map<string, string>(),
})

/** A link that breaks in the middle is what the step saw. */
async function orTrouble<Seen>(
  look: () => Promise<Seen>,
  told: (code: ErrorCode, detail: string) => Seen,
): Promise<Seen> {
  try {
    return await look()
  } catch (error) {
    if (!isAppError(error)) throw error
    return told(error.code, error.problem.detail)
  }
}

function platformOf(probe: Probe, python: Probe['facts'], sudo: DoctorStep): Record<string, string> {
  const told = [
    ...platformKeys.map((key) => [key, probe.facts.get(key)] as const),
    ['python', python.get('python')] as const,
    ['pythonPath', python.get('pythonPath')] as const,
    ['sudo', sudo.state === 'skipped' ? undefined : sudo.state === 'ok' ? 'yes' : 'no'] as const,
  ]
  return Object.fromEntries(told.flatMap(([key, value]) => (value ? [[key, value]] : [])))
}
