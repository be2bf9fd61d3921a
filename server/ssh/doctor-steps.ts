import { type ErrorCode, toProblem } from '../../contract/errors.ts'
import type { DoctorStep } from '../../contract/nodes.ts'
import { startFailureOf } from './finder.ts'
import { type Disk, printable } from './probe.ts'

export type StepName = DoctorStep['step']

/** From here on a login script is slow enough to be told, milliseconds. */
const slowLoginMs = 3_000
/** A clock may be this far off: time stamps still sort, certificates and one-time codes still work. */
const clockToleranceMs = 30_000
/** Below the first a disk is as good as full; below the second it soon will be. Bytes. */
const fullBytes = 1_048_576
const scarceBytes = 100 * 1_048_576

export const fine = (step: StepName, detail: string, ms = 0): DoctorStep => ({
  step,
  state: 'ok',
  detail,
  ms,
  problem: null,
})

export const skipped = (step: StepName, detail = 'Not reached.'): DoctorStep => ({
  step,
  state: 'skipped',
  detail,
  ms: 0,
  problem: null,
})

export const troubled = (
  step: StepName,
  state: 'warning' | 'failed',
  code: ErrorCode,
  detail: string,
  ms = 0,
): DoctorStep => ({ step, state, detail, ms, problem: toProblem(code, detail) })

/** A command came through: was it clean, and was it quick? */
export function judgeShell(shell: string, noise: string, afterMs: number): DoctorStep {
  const seconds = (afterMs / 1000).toFixed(1)
  if (afterMs > slowLoginMs) {
    return troubled(
      'shell',
      'warning',
      'ssh.login_slow',
      `A command starts only after ${seconds} s.`,
      afterMs,
    )
  }
  if (noise) {
    const detail = `Commands work, but the login prints ${noise.length} characters: “${printable(noise).slice(0, 80)}”.`
    return troubled('shell', 'warning', 'ssh.login_noisy', detail, afterMs)
  }
  return fine('shell', `Commands come through ${shell || 'the login shell'} cleanly.`, afterMs)
}

export function judgeScratch(place: string | undefined): DoctorStep {
  if (place) return fine('scratch-folder', `${place} is writable, so a run survives a broken link.`)
  const detail = 'Neither XDG_RUNTIME_DIR nor /dev/shm nor /tmp is writable.'
  return troubled('scratch-folder', 'warning', 'launch.no_scratch_folder', detail)
}

export function judgeDisks(disks: readonly Disk[]): DoctorStep {
  const [least] = disks.toSorted((a, b) => a.freeBytes - b.freeBytes)
  if (!least) return skipped('disk', 'The node does not tell how full its disks are.')
  const detail = `${least.place} has ${inWords(least.freeBytes)} free.`
  if (least.freeBytes < fullBytes) return troubled('disk', 'failed', 'launch.node_disk_full', detail)
  if (least.freeBytes < scarceBytes) return troubled('disk', 'warning', 'launch.node_disk_full', detail)
  return fine('disk', detail)
}

/** Both in milliseconds since 1970; null when the node did not tell. */
export function judgeClock(theirs: number | null, ours: number): DoctorStep {
  if (theirs === null) return skipped('clock', 'The node did not tell its time.')
  const offMs = theirs - ours
  if (Math.abs(offMs) <= clockToleranceMs) return fine('clock', 'The clocks agree.')
  const detail = `The clock of the node is ${spanInWords(Math.abs(offMs))} ${offMs > 0 ? 'ahead' : 'behind'}.`
  return troubled('clock', 'warning', 'launch.clock_off', detail)
}

/** What was asked of sudo, and what it answered. */
export interface SudoAnswer {
  readonly elevation: 'commands' | 'root'
  readonly exitCode: number | null
  readonly said: string
  readonly ms: number
}

/** Without sudo an agent that needs single commands leaves gaps, and one that needs root does not start. */
export function judgeSudo({ elevation, exitCode, said, ms }: SudoAnswer): DoctorStep {
  if (exitCode === 0) {
    const detail =
      elevation === 'root'
        ? 'sudo starts a shell as root.'
        : /NOPASSWD:\s*ALL\b/.test(said)
          ? 'sudo runs every command without a password.'
          : 'sudo runs some commands without a password; what an agent cannot run, it reports as a gap.'
    return fine('sudo', detail, ms)
  }
  const { code, detail } = startFailureOf({ exitCode, stderr: said, noise: '' })
  const known = code.startsWith('sudo.') ? code : 'sudo.not_allowed'
  return troubled(
    'sudo',
    elevation === 'root' ? 'failed' : 'warning',
    known,
    known === code ? detail : printable(said),
    ms,
  )
}

function inWords(bytes: number): string {
  const gib = bytes / 2 ** 30
  return gib >= 1 ? `${gib.toFixed(gib < 10 ? 1 : 0)} GiB` : `${Math.floor(bytes / 2 ** 20)} MiB`
}

function spanInWords(ms: number): string {
  const [count, unit] =
    ms < 120_000
      ? [ms / 1000, 's']
      : ms < 7_200_000
        ? [ms / 60_000, 'min']
        : ms < 172_800_000
          ? [ms / 3_600_000, 'h']
          : [ms / 86_400_000, 'days']
  return `${Math.round(count)} ${unit}`
}
