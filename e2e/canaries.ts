import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { BrowserContext, Page, Request } from '@playwright/test'
import type { NodeId } from '../contract/ids.ts'
import { type Canary, findCanaries } from '../testbed/canaries.ts'
import type { TestSshd } from '../testbed/sshd.ts'
import { administrator, type Product, type SessionCookie } from './product.ts'

/** Signs that each way of writing a text down escapes in its own manner. */
const odd = '/7+"q" <42> & Öre%'
const secrets = {
  login: `kestrel-login${odd}`,
  sudo: `osprey-sudo${odd}`,
  passphrase: `harrier-phrase${odd}`,
  repository: `merlin-repo${odd}`,
  // Without blanks and umlauts, as keys are.
  model: 'sk-ant-heron-key/7+"q"<42>&%',
  mail: `merlin-mail${odd}`,
}
/** Places in the data folder that are secret themselves: what is in them is looked for everywhere else. */
const secretFiles = /^(?:keys|run)\//

/** Puts a known secret into every field that takes one. Returns them with what the product made for itself. */
export async function plantCanaries(product: Product, sshd: TestSshd): Promise<Canary[]> {
  const { credentials } = product.drive.client
  const password = { kind: 'password', password: secrets.login, sudoPassword: secrets.sudo } as const
  await credentials.create({ body: { ...password, name: 'canary: login' } })
  const privateKey = encryptedKey(secrets.passphrase)
  await credentials.create({
    body: {
      kind: 'key',
      name: 'canary: key',
      privateKey,
      passphrase: secrets.passphrase,
      sudoPassword: secrets.sudo,
    },
  })
  await product.drive.client.ai.putKey({ params: { driver: 'anthropic' }, body: { key: secrets.model } })
  await product.drive.client.notifications.addChannel({
    body: {
      name: 'canary: mail',
      enabled: false,
      settings: {
        kind: 'email',
        host: 'mail.home.lan',
        username: 'carl',
        from: 'carl@home.lan',
        to: ['anna@home.lan'],
      },
      secrets: { password: secrets.mail },
    },
  })
  const session = await product.signIn()
  return [
    { name: 'the password of the administrator', value: administrator.password },
    { name: 'a password for nodes', value: secrets.login },
    { name: 'a sudo password', value: secrets.sudo },
    { name: 'a passphrase', value: secrets.passphrase },
    { name: 'the password of a repository', value: secrets.repository },
    { name: 'a key for models', value: secrets.model },
    { name: 'an API token', value: await makeToken(product, session) },
    { name: 'the password of a mail server', value: secrets.mail },
    { name: 'an encrypted private key', value: bodyOf(privateKey).slice(200, 260) },
    ...partsOf(sshd.clientKey.reveal()),
    { name: 'a session', value: session.value },
    { name: 'the token of the command line', value: product.read('run/local-token').trim() },
    { name: 'the master key', value: product.masterKey() },
  ]
}

/** A token as a person makes one: its text is shown this once. */
async function makeToken({ url }: Product, { name, value }: SessionCookie): Promise<string> {
  const reply = await fetch(new URL('api/v1/account/tokens', url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      cookie: `${name}=${value}`,
      origin: new URL(url).origin,
    },
    body: JSON.stringify({ name: 'canary: token' }),
  })
  if (!reply.ok) throw new Error(`no token was made: ${await reply.text()}`)
  return ((await reply.json()) as { text: string }).text
}

/** Looks for them in every reply of the API and every frame of the socket that the browser gets. */
export function watchForCanaries(context: BrowserContext, canaries: readonly Canary[]) {
  const looks: Promise<string[]>[] = []
  const look = (where: string, text: string | Uint8Array) =>
    findCanaries(text, canaries).map((name) => `${name} in ${where}`)

  // Not before it is whole: the body of a reply that a page leaves behind would be waited for in vain.
  context.on('requestfinished', (request) => {
    if (new URL(request.url()).pathname.includes('/api/v1/')) looks.push(lookAtReply(request))
  })
  context.on('page', (page: Page) => {
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) =>
        looks.push(Promise.resolve(look('a frame of the socket', payload))),
      )
    })
  })

  async function lookAtReply(request: Request): Promise<string[]> {
    // What is saved as a file cannot be read here; exports are looked at in the end.
    const body = await request
      .response()
      .then((reply) => reply?.body())
      .catch(() => undefined)
    return look(`the reply to ${request.method()} ${request.url()}`, body ?? '')
  }
  return { found: async (): Promise<string[]> => (await Promise.all(looks)).flat() }
}

/**
 * Uses the planted secrets once more, in vain, and then looks for them in all that the server has written or gives out:
 * its log, its files, the logs of executions, and every export.
 */
export async function findLeaks(
  product: Product,
  sshd: TestSshd,
  canaries: readonly Canary[],
): Promise<string[]> {
  await failWithCanaries(product, sshd)
  const places = [
    { where: 'the log of the server', text: product.said() as string | Uint8Array },
    ...(await exportsOf(product)),
    ...filesOf(product.folder),
  ]
  if (places.length < 8) throw new Error('there was hardly anything to look through')
  return places.flatMap(({ where, text }) =>
    findCanaries(text, canaries).map((name) => `${name} in ${where}`),
  )
}

/** Failures tell much. A login is refused, and a key that is none is stored. */
async function failWithCanaries({ drive }: Product, sshd: TestSshd): Promise<void> {
  const { client } = drive
  const { items } = await client.credentials.list()
  for (const { id: credentialId, name } of items.filter((one) => one.name.startsWith('canary: '))) {
    const body = {
      host: '127.0.0.1',
      port: sshd.port,
      username: sshd.username,
      credentialId,
      allowedAgents: null,
    }
    const node = await client.nodes.create({ body: { ...body, name: name.replace(': ', '-') } })
    await client.nodes.confirmHostKey({ params: { id: node.id as NodeId }, body: { ...sshd.hostKey } })
    await client.nodes.test({ params: { id: node.id as NodeId } })
    const secret = { password: secrets.repository, variables: { B2_ACCOUNT_KEY: secrets.repository } }
    await client.repositories.create({
      body: { nodeId: node.id, kind: 'restic', location: '/srv/canary', secret },
    })
    await drive.untilEnded((await drive.run('hello', node.id)).id)
  }
  const broken = {
    kind: 'key',
    name: 'canary: broken',
    privateKey: `${secrets.login}\n${secrets.sudo}`,
  } as const
  await client.credentials.create({ body: { ...broken, passphrase: secrets.passphrase } }).catch(() => {})
}

async function exportsOf({ drive: { client } }: Product) {
  const { items } = await client.executions.list({ query: { limit: 50 } })
  const texts = await Promise.all(
    items.map(async ({ id }) => {
      const params = { id }
      const parts = [
        client.executions.logText({ params }),
        client.executions.commands({ params }),
        client.executions.journal({ params }),
        ...(['json', 'csv', 'md'] as const).map((format) =>
          client.executions.export({ params, query: { format } }),
        ),
      ]
      // Not each has a report.
      const found = await Promise.allSettled(parts)
      return found.map((one) => (one.status === 'fulfilled' ? JSON.stringify(one.value) : '')).join('\n')
    }),
  )
  return [
    { where: 'logs and exports of executions', text: texts.join('\n') },
    { where: 'the export of the audit trail', text: await client.audit.export({ body: {} }) },
    {
      where: 'the export of the audit trail as CSV',
      text: await client.audit.export({ body: { format: 'csv' } }),
    },
    { where: 'the credentials', text: JSON.stringify(await client.credentials.list()) },
    { where: 'the nodes', text: JSON.stringify(await client.nodes.list({ query: { limit: 200 } })) },
    { where: 'the settings', text: JSON.stringify(await client.settings.get()) },
    { where: 'the configuration as text', text: await client.configuration.export() },
  ]
}

/** Every file of the data folder but the secret ones: the database with all its pages, logs unpacked. */
const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    // The ballast of the disk guard is empty, and 64 MiB.
    .filter((file) => !secretFiles.test(relative(folder, file)) && relative(folder, file) !== 'reserve')
    .map((file) => ({ where: `the file ${relative(folder, file)}`, text: contentOf(file) }))

function contentOf(file: string): Uint8Array {
  const bytes = readFileSync(file)
  return file.endsWith('.gz') ? gunzipSync(bytes) : bytes
}

function encryptedKey(passphrase: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'carl-canary-'))
  const file = join(folder, 'key')
  try {
    // Of a test, made for this run alone; a real passphrase never goes over a command line.
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'canary', '-f', file])
    return readFileSync(file, 'utf8')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const bodyOf = (pem: string): string => pem.replace(/-----[^-]+-----|\s/g, '')

/** The secret 32 bytes of an unencrypted Ed25519 key of OpenSSH, as they stand in its file and by themselves. */
function partsOf(pem: string): Canary[] {
  const body = Buffer.from(bodyOf(pem), 'base64')
  const name = Buffer.from('ssh-ed25519')
  // The second mention of the type begins the private part: type, public key, then seed and public key again.
  const at = body.indexOf(name, body.indexOf(name) + 1) + name.length + 4 + 32 + 4
  const seed = body.subarray(at, at + 32)
  if (seed.length !== 32) throw new Error('this is no Ed25519 key of OpenSSH')
  return [
    {
      name: 'a private key',
      value: bodyOf(pem).slice(Math.ceil((at * 4) / 3) + 1, Math.floor(((at + 32) * 4) / 3) - 1),
    },
    { name: 'the secret of a private key in hex', value: seed.toString('hex') },
    { name: 'the secret of a private key in base64', value: seed.toString('base64').slice(0, 42) },
  ]
}
