import { expect, test } from 'vitest'
import { channelArguments, type CommandLine, connectionArguments, sshEnvironment } from './openssh-options.ts'

const line: CommandLine = {
  folder: '/tmp/f',
  address: '10.0.0.9',
  port: 2222,
  username: 'carl',
  login: 'key',
  hostKeys: [{ type: 'ssh-ed25519' }],
  legacyAlgorithms: false,
}

test.each([
  [{}, 'StrictHostKeyChecking=yes'],
  [{}, 'HostKeyAlgorithms=^ssh-ed25519'],
  [{}, 'BatchMode=yes'],
  [{}, 'IdentityAgent=/tmp/f/a'],
  [{ hostKeys: [{ type: 'ssh-rsa' }] }, 'HostKeyAlgorithms=^rsa-sha2-512,rsa-sha2-256'],
  [
    { hostKeys: [{ type: 'ssh-rsa' }], legacyAlgorithms: true },
    'HostKeyAlgorithms=^rsa-sha2-512,rsa-sha2-256,ssh-rsa',
  ],
  [{ legacyAlgorithms: true }, 'MACs=+hmac-sha1'],
  [{ login: 'password' }, 'NumberOfPasswordPrompts=1'],
  [{ login: 'password' }, 'IdentityAgent=none'],
] satisfies [Partial<CommandLine>, string][])('with %j, %s is asked for', (changes, option) => {
  expect(connectionArguments({ ...line, ...changes })).toContain(option)
})

test.each([
  [{ hostKeys: [] }, 'HostKeyAlgorithms'],
  [{ hostKeys: [{ type: 'ssh-unheard-of' }] }, 'HostKeyAlgorithms'],
  [{}, 'KexAlgorithms'],
  [{}, 'StrictHostKeyChecking=no'],
] satisfies [Partial<CommandLine>, string][])('with %j, nothing is said of %s', (changes, option) => {
  expect(connectionArguments({ ...line, ...changes }).join(' ')).not.toContain(option)
})

test('settings of this machine are never read, and an address cannot be taken for an option', () => {
  const words = connectionArguments({ ...line, address: '-oProxyCommand=x' })
  expect(words.slice(0, 2)).toEqual(['-F', 'none'])
  expect(words.slice(-2)).toEqual(['--', '-oProxyCommand=x'])
  expect(channelArguments('/tmp/f', '/tmp/f/1.log')).toContain('ProxyCommand=false')
  expect(Object.keys(sshEnvironment())).toEqual(['PATH', 'LC_ALL'])
})
