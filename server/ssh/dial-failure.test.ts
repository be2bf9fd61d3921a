import { expect, test } from 'vitest'
import { type Breakdown, toDialFailure } from './dial-failure.ts'

const breakdown = (over: Partial<Breakdown>): Breakdown => ({
  phase: 'greeting',
  message: 'Connection lost before handshake',
  level: 'protocol',
  firstBytes: '',
  port: 22,
  username: 'carl',
  isTried: false,
  offered: [],
  isPartial: false,
  ...over,
})
const ssh = 'SSH-2.0-OpenSSH_9.2p1\r\n'

test.each<[string, Partial<Breakdown>, string]>([
  ['silence, then the end', {}, 'ssh.connection_reset'],
  ['a penalty', { firstBytes: 'Not allowed at this time\r\n' }, 'ssh.server_busy'],
  ['a full server', { firstBytes: 'Exceeded MaxStartups\r\n' }, 'ssh.server_busy'],
  ['a web server', { firstBytes: 'HTTP/1.1 400 Bad Request\r\n' }, 'ssh.not_ssh'],
  ['endless noise', { firstBytes: '\0'.repeat(1_024), message: 'Header line too long' }, 'ssh.not_ssh'],
  [
    'an SSH of the last century',
    { firstBytes: 'SSH-1.5-x\r\n', message: 'Protocol version not supported' },
    'ssh.not_ssh',
  ],
  [
    'nothing in common',
    { firstBytes: ssh, message: 'Handshake failed: no matching key exchange algorithm', level: 'handshake' },
    'ssh.no_common_algorithm',
  ],
  [
    'a break in the handshake',
    { firstBytes: ssh, phase: 'handshake', message: 'read ECONNRESET' },
    'ssh.connection_reset',
  ],
  [
    'a break before the credential is out',
    { firstBytes: ssh, phase: 'login', message: 'closed' },
    'ssh.connection_reset',
  ],
  [
    'a break after that',
    { firstBytes: ssh, phase: 'login', message: 'closed', isTried: true },
    'ssh.link_lost',
  ],
  [
    'a refused credential',
    { phase: 'login', level: 'client-authentication', isTried: true },
    'ssh.auth_failed',
  ],
  [
    'the last refusal a server gives',
    { firstBytes: ssh, phase: 'login', message: 'Too many authentication failures', isTried: true },
    'ssh.auth_failed',
  ],
  [
    'a refusal after a greeting that looks like a penalty',
    {
      firstBytes: `Not allowed at this time\r\n${ssh}`,
      phase: 'login',
      level: 'client-authentication',
      isTried: true,
    },
    'ssh.auth_failed',
  ],
  [
    'a second factor',
    { phase: 'login', level: 'client-authentication', isTried: true, isPartial: true },
    'ssh.auth_partial',
  ],
])('%s is told as what it is', (_what, over, code) => {
  expect(toDialFailure(breakdown(over)).code).toBe(code)
})

test('what a strange server says is shown short and harmless', () => {
  const { problem } = toDialFailure(breakdown({ firstBytes: `\u001b[2J\u0007${'x'.repeat(500)}` }))
  expect(problem.detail).not.toMatch(/\p{Cc}/u)
  expect(problem.detail.length).toBeLessThan(140)
})
