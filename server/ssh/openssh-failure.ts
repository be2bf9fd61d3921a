import type { ErrorCode } from '../../contract/errors.ts'
import { progressOf } from './openssh-progress.ts'

interface Failure {
  readonly code: ErrorCode
  readonly detail: string
}

/** What ssh says, most telling first: with a reset come several lines, and only one of them says why. */
const rules: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed|No \S+ host key is known/,
    'ssh.host_key_unknown',
  ],
  [/Unable to negotiate|no matching (key exchange|host key|cipher|MAC)/i, 'ssh.no_common_algorithm'],
  [/Not allowed at this time|Exceeded MaxStartups|Too many (connections|users)/i, 'ssh.server_busy'],
  [/with partial success/, 'ssh.auth_partial'],
  [/Permission denied|Too many authentication failures|No more authentication methods/, 'ssh.auth_failed'],
  [/connect to (host|address) .*: Connection refused/, 'ssh.connection_refused'],
  [/(No route to host|Network is unreachable|Host is down)/, 'ssh.host_unreachable'],
  [/timed out during banner exchange|Connection to \S+ port \d+ timed out/, 'ssh.handshake_timeout'],
  [/connect to (host|address) .*: (Connection|Operation) timed out/, 'ssh.connection_timeout'],
  [
    /invalid (format|characters)|banner exchange: .*(invalid|could not read)|Protocol major versions differ|Bad remote protocol version|line (is )?too long|Bad packet length/i,
    'ssh.not_ssh',
  ],
  // Lines may stand before the greeting, but where none comes, it was no SSH server that said them.
  [/^(?![^]*Remote protocol version)[^]*banner line \d+: /, 'ssh.not_ssh'],
  [/No user exists for uid/, 'ssh.openssh_missing'],
]

/** Says why ssh did not come to a login: the code, and its own words. */
export function loginFailureOf(said: string): Failure {
  const rule = rules.find(([pattern]) => pattern.test(said))
  // Once the credential is out, another attempt could be another failure on the node.
  const otherwise = progressOf(said).isTried ? 'ssh.link_lost' : 'ssh.connection_reset'
  return { code: rule?.[1] ?? otherwise, detail: wordsOf(said) }
}

/** Why a connection that was open is gone, in ssh's words. */
export const closeReasonOf = (said: string): string => wordsOf(said, 1) || 'the connection was closed'

/** The last things ssh said that are meant for people, fit for one line of a message. */
function wordsOf(said: string, lineCount = 3): string {
  const lines = said.split('\n').flatMap((line) => {
    const text = line.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim()
    const isForPeople =
      text &&
      !/^debug\d: |^OpenSSH_|^CARL-|^@|^Authenticated to |^Transferred: |^Bytes per|^channel \d+: |^Learned new hostkey|^Adding new key/.test(
        text,
      )
    return isForPeople ? [text] : []
  })
  return lines.slice(-lineCount).join(' ').slice(-400)
}
