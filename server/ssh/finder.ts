import type { ErrorCode } from '../../contract/errors.ts'
import { quote } from './quote.ts'

/** Reads the supervisor and its parts from standard input and runs it; leaves with 97 when this Python is too old. */
const loader =
  'import sys;sys.version_info<(3,8)and sys.exit(97);import zlib;s=sys.stdin.buffer;parts=zlib.decompress(s.read(int(s.readline()))).split(bytes(1));exec(parts[0])'

/** Isolated, without `site` (only the standard library is used, and the start is quicker), no `.pyc`, unbuffered. */
const flags = '-I -S -B -u'

/** Where Python may be besides PATH: FreeBSD, Synology, NixOS, a non-root session without /sbin. */
const path =
  'PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:/opt/bin:/usr/pkg/bin:/run/current-system/sw/bin'

const candidates =
  'python3 python3.14 python3.13 python3.12 python3.11 python3.10 python3.9 python3.8 /usr/libexec/platform-python python'

const idPattern = /^[A-Za-z0-9_-]{1,80}$/
const hintPattern = /^\/[A-Za-z0-9._/+-]{1,300}$/

/**
 * The command that finds a Python and hands standard input to it. It holds no single quote, backslash or
 * exclamation mark inside its own quotes, so that bash, dash, ash, fish and tcsh all pass it on unchanged.
 */
export function finderCommand(runId: string, pythonHint: string | null): string {
  if (!idPattern.test(runId)) throw new Error(`not a run id: ${runId}`)
  const hint = pythonHint && hintPattern.test(pythonHint) ? pythonHint : ''
  const script = [
    `${path}; CARL_RUN_ID=${runId}; export PATH CARL_RUN_ID; seen=`,
    // A path is taken as it is: looking for it would take a process more.
    `for p in ${hint} ${candidates}; do case $p in /*) q=$p; [ -x "$q" ];; *) q=$(command -v "$p" 2>/dev/null);; esac || continue`,
    `"$q" ${flags} -c "${loader}"; r=$?`,
    'case $r in 2|97|126|127) seen="$seen $q:$r";; *) exit $r;; esac; done',
    'echo "CARL-NOPYTHON$seen|$(uname -sm)|$(. /etc/os-release 2>/dev/null && echo $ID $VERSION_ID)|$(id -u)" >&2; exit 96',
  ].join('; ')
  return `/bin/sh -c ${quote(script)}`
}

/** Said on standard error once nothing stands between us and the finder any more: no password is asked for. */
export const readyMark = 'CARL-READY'

/** What sudo asks with, so that its question is told from everything else. */
export const sudoPrompt = 'CARL-SUDO-PASSWORD:'

/**
 * The same command as root, unless the login is root already: without a password, or with one that sudo asks for. The
 * command is handed on as words, never quoted once more: fish takes a backslash inside quotes for its own.
 */
export function asRoot(command: string, withPassword: boolean): string {
  const words = withPassword ? '/bin/sh -c "$0" "$@"' : '"$0" "$@"'
  const sudo = withPassword ? `sudo -S -p ${sudoPrompt}` : 'sudo -n'
  const script = `if [ "$(id -u)" = 0 ]; then exec ${words}; fi; ${path}; export PATH; exec ${sudo} ${words}`
  const ready = withPassword ? `${quote(`echo ${readyMark} >&2; exec "$0" "$@"`)} ` : ''
  return `/bin/sh -c ${quote(script)} ${ready}${command}`
}

/** What a start that failed left behind. */
export interface Remains {
  readonly exitCode: number | null
  readonly stderr: string
  /** Text on standard output that was no frame. */
  readonly noise: string
}

/** Says why the agent did not start: the code, and a detail in words. The first rule that fits. */
export function startFailureOf({ exitCode, stderr, noise }: Remains): { code: ErrorCode; detail: string } {
  const text = `${stderr}\n${noise}`
  const says = (pattern: RegExp) => pattern.test(text)
  const told = lastWords(text)
  const found = /CARL-NOPYTHON(?<seen>[^|]*)\|(?<system>[^|]*)\|(?<os>[^|]*)\|/.exec(stderr)?.groups

  if (found) {
    const system = [found.os?.trim(), found.system?.trim()].filter(Boolean).join(', ')
    return found.seen?.includes(':97')
      ? {
          code: 'launch.python_too_old',
          detail: `Found only${found.seen.replaceAll(':97', '')} on ${system}.`,
        }
      : { code: 'launch.no_python', detail: `No Python was found on ${system}.` }
  }
  if (says(/CARL-TAMPERED/))
    return { code: 'launch.tampered', detail: 'The checksum of the agent did not match.' }
  const [, refused] = /CARL-GATE (?<what>command|program|bundle)\b/.exec(stderr) ?? []
  if (refused) return { code: 'launch.gate_refused', detail: gateRefused[refused] ?? '' }
  if (says(/password change required|password has expired|must change your password/i)) {
    return { code: 'ssh.password_expired', detail: told }
  }
  if (says(/account is currently not available|nologin|this account is not available/i)) {
    return { code: 'ssh.login_disabled', detail: told }
  }
  if (says(/sudo: .*incorrect password|Sorry, try again/))
    return { code: 'sudo.password_wrong', detail: told }
  if (says(/sudo: .*(a password is required|no password was provided)/))
    return { code: 'sudo.password_required', detail: told }
  if (says(/must have a tty|no tty present/)) return { code: 'sudo.tty_required', detail: told }
  if (says(/sudo: (command )?not found|sudo: No such file|unknown command: sudo|sudo: Command not found/i)) {
    return { code: 'sudo.missing', detail: told }
  }
  if (says(/is not in the sudoers file|not allowed to execute|may not run sudo/)) {
    return { code: 'sudo.not_allowed', detail: told }
  }
  if (says(/no space left on device/i)) return { code: 'launch.node_disk_full', detail: told }
  const how = exitCode === null ? 'It said nothing in time' : `The login ended with exit status ${exitCode}`
  return {
    code: 'launch.no_hello',
    detail: told ? `${how}. The node printed: ${told}` : `${how}, and printed nothing.`,
  }
}

/** What the gate of a node would not let through. */
const gateRefused: Readonly<Record<string, string>> = {
  command: 'Its gate does not know this way to start something.',
  program: 'Its gate allows another version of this server.',
  bundle: 'Its gate does not allow this agent, or another version of it.',
}

/** The end of what a node printed, fit for one line of a message. */
function lastWords(text: string): string {
  const printable = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim()
  return printable.length > 400 ? `…${printable.slice(-400)}` : printable
}
