import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import ssh2, { type ConnectConfig } from 'ssh2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandOf, descendantsOf, untilSeen } from './processes.ts'
import { canAddUsers, startSshd, type TestSshd } from './sshd.ts'
import { startTcpProxy } from './tcp-proxy.ts'

let sshd: TestSshd
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())

async function say(command: string, config: ConnectConfig = {}): Promise<string> {
  const { port = sshd.port, ...rest } = config
  const client = new ssh2.Client()
  client.connect({
    sock: connectSocket({ port, host: '127.0.0.1', noDelay: true }),
    username: sshd.username,
    ...(rest.password ? {} : { privateKey: sshd.clientKey.reveal() }),
    ...rest,
  })
  // A break of the link is told by the channel; without a listener it would end this process.
  client.on('error', () => {})
  await once(client, 'ready')
  const text = await new Promise<string>((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error)
      let said = ''
      channel.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
      channel.once('close', () => resolve(said.trim()))
    })
  })
  client.end()
  return text
}

test('the user who runs the test gets in with the key, to an empty home', async () => {
  expect(await say('id -un; echo $HOME; ls -A $HOME')).toBe(`${sshd.username}\n${sshd.home}`)
})

test.runIf(canAddUsers)(
  'a throw-away user gets in with the key, and with the password if it may',
  async () => {
    const user = sshd.addUser({ loginShell: '/usr/bin/fish' })
    expect(await say('echo $FISH_VERSION; id -un', { username: user.username })).toMatch(
      new RegExp(`^\\d.*\\n${user.username}$`),
    )
    await sshd.restart({ config: ['PasswordAuthentication yes'] })
    expect(await say('id -un', { username: user.username, password: user.password.reveal() })).toBe(
      user.username,
    )
  },
)

test('it comes back on the same port, with other host keys when asked', async () => {
  const { port, hostKey } = sshd
  await sshd.restart()
  expect(sshd.port).toBe(port)
  expect(sshd.hostKey).toEqual(hostKey)
  sshd.changeHostKeys()
  await sshd.restart({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] })
  expect(sshd.hostKeys.map(({ type }) => type)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa'])
  expect(sshd.hostKey).not.toEqual(hostKey)
  expect(await say('echo here')).toBe('here')
})

test('a proxy in between passes everything on, and cuts', async () => {
  const proxy = await startTcpProxy(sshd.port)
  expect(await say('echo through', { port: proxy.port })).toBe('through')
  // The break may come before the answer to the command is here, or after.
  const broken = say('exec cat', { port: proxy.port }).catch((error: Error) => error.message)
  await untilSeen('a session', () => descendantsOf(sshd.pid ?? 0).find((pid) => commandOf(pid) === 'cat'))
  proxy.cut()
  expect(await broken).toBeTypeOf('string')
  expect(proxy.connections).toBe(2)
  await proxy.close()
})
