import { expect, test } from 'vitest'
import { closeReasonOf, loginFailureOf } from './openssh-failure.ts'

const at = '127.0.0.1 port 22'

test.each([
  [`ssh: connect to host 10.0.0.9 port 22: Connection refused`, 'ssh.connection_refused'],
  [`ssh: connect to host 10.0.0.9 port 22: No route to host`, 'ssh.host_unreachable'],
  [`ssh: connect to host 10.0.0.9 port 22: Network is unreachable`, 'ssh.host_unreachable'],
  [`ssh: connect to host 10.0.0.9 port 22: Connection timed out`, 'ssh.connection_timeout'],
  [`ssh: connect to host 10.0.0.9 port 22: Operation timed out`, 'ssh.connection_timeout'],
  [`Connection timed out during banner exchange\nConnection to ${at} timed out`, 'ssh.handshake_timeout'],
  [
    `debug1: kex_exchange_identification: banner line 0: Not allowed at this time\nkex_exchange_identification: read: Connection reset by peer`,
    'ssh.server_busy',
  ],
  [
    `debug1: kex_exchange_identification: banner line 0: Exceeded MaxStartups\nkex_exchange_identification: Connection closed by remote host`,
    'ssh.server_busy',
  ],
  [
    `kex_exchange_identification: Connection closed by remote host\nConnection closed by ${at}`,
    'ssh.connection_reset',
  ],
  [`kex_exchange_identification: read: Connection reset by peer`, 'ssh.connection_reset'],
  [
    `kex_exchange_identification: banner line contains invalid characters\nbanner exchange: Connection to ${at}: invalid format`,
    'ssh.not_ssh',
  ],
  [
    `Unable to negotiate with ${at}: no matching key exchange method found. Their offer: x`,
    'ssh.no_common_algorithm',
  ],
  [
    `Unable to negotiate with ${at}: no matching host key type found. Their offer: ssh-dss`,
    'ssh.no_common_algorithm',
  ],
  [
    `No ED25519 host key is known for node and you have requested strict checking.\nHost key verification failed.`,
    'ssh.host_key_unknown',
  ],
  [
    `@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.`,
    'ssh.host_key_unknown',
  ],
  [`root@127.0.0.1: Permission denied (publickey,password).`, 'ssh.auth_failed'],
  [`Received disconnect from ${at}:2: Too many authentication failures`, 'ssh.auth_failed'],
  [
    `Authenticated using "publickey" with partial success.\nroot@127.0.0.1: Permission denied (password).`,
    'ssh.auth_partial',
  ],
  [`debug1: Offering public key: id ED25519\nConnection closed by ${at}`, 'ssh.link_lost'],
  [`No user exists for uid 1234`, 'ssh.openssh_missing'],
  ['', 'ssh.connection_reset'],
  [
    'debug1: kex_exchange_identification: banner line 0: HTTP/1.1 400 Bad Request\nkex_exchange_identification: Connection closed by remote host',
    'ssh.not_ssh',
  ],
  [
    'debug1: kex_exchange_identification: banner line 0: Welcome\ndebug1: Remote protocol version 2.0\nConnection closed',
    'ssh.connection_reset',
  ],
])('%j is %s', (said, code) => {
  expect(loginFailureOf(said).code).toBe(code)
})

test('the detail is what ssh says to people, without its debugging and without control characters', () => {
  const said = `OpenSSH_9.2p1\ndebug1: Connecting to 10.0.0.9\n\u001b[31mssh: connect to host 10.0.0.9 port 22: Connection refused\r\n`
  expect(loginFailureOf(said).detail).toBe('[31mssh: connect to host 10.0.0.9 port 22: Connection refused')
})

test('the reason of an end is the last thing that was said', () => {
  expect(closeReasonOf('channel 2: open failed\nTimeout, server 127.0.0.1 not responding.\r\n')).toBe(
    'Timeout, server 127.0.0.1 not responding.',
  )
  expect(closeReasonOf('debug1: Exit status -1\n')).toBe('the connection was closed')
})
