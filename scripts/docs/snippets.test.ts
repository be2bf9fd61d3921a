import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentId } from '../../contract/ids.ts'
import { findServer } from '../../server/cli/client.ts'
import { type Driver, driver, testAgents, testConfig } from '../../testbed/house.ts'
import { startSshd, type TestSshd } from '../../testbed/sshd.ts'
import { freePort } from '../../testbed/tcp-proxy.ts'
import { snippetsOf } from './snippets.ts'

/**
 * The lines of the guides, typed in as a reader would: each block marked `sh`, page by page, at a server that was really
 * started in an empty folder, with a real SSH server as its node. What a reader puts in for himself (names of runs and
 * tokens, places on his machine) is put in here. A call that is refused, or a command that fails, fails the test.
 */
const root = resolve(import.meta.dirname, '../..')
const main = join(root, 'server/main.ts')
/** What System Health takes its time for. */
const slow = 'services ports auth sshd certs time updates reboot network thermal storage keys'.split(' ')
const password = 'four random words here'

let folder: string
let sshd: TestSshd
let server: ChildProcess
let drive: Driver
let url: string
/** What stands where the guides say something else, longest first. */
const inserted = new Map<string, string>()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carl-snippets-'))
  for (const place of ['bin', 'etc/carl', 'srv/data']) mkdirSync(join(folder, place), { recursive: true })
  writeFileSync(join(folder, 'etc/carl/admin-password'), `${password}\n`)
  writeFileSync(join(folder, 'nas.json'), '{"disk_warn_pct": 90}')
  program('carl', `exec '${process.execPath}' '${main}' "$@"`)
  // A call that is refused ends with an error, so that nothing passes only because it is silent.
  program('curl', 'exec /usr/bin/curl --fail-with-body "$@"')
  // What would run on a node is looked over by its shell.
  program('ssh', 'exec sh -n')
  program(
    'npm',
    `case "$*" in
  start) DATA_DIR=\${CARL_KEPT:-$(mktemp -d '${folder}/fresh.XXXXXX')} exec '${process.execPath}' '${join(import.meta.dirname, 'start-once.mjs')}' ;;
  test) ;;
  "run "*) grep -q "^    \\"$2\\": " '${join(root, 'package.json')}' ;;
  *) echo "no npm $*" >&2; exit 1 ;;
esac`,
  )
  sshd = await startSshd()
  await startServer()
})
afterAll(async () => {
  await stopServer()
  await sshd?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function program(name: string, body: string): void {
  const file = join(folder, 'bin', name)
  writeFileSync(file, `#!/bin/bash\n${body}\n`)
  chmodSync(file, 0o755)
}

const environment = (): NodeJS.ProcessEnv => ({
  PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
  HOME: folder,
  LANG: 'C.UTF-8',
  LOG_LEVEL: 'silent',
  // Some forty programs start here, all of the same sources.
  NODE_COMPILE_CACHE: join(folder, 'cache'),
})

async function startServer(): Promise<void> {
  const port = await freePort()
  server = spawn(process.execPath, [main, 'start'], {
    cwd: folder,
    env: { ...environment(), HOST: '127.0.0.1', PORT: String(port), AGENTS_DIR: testAgents },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  url = `http://localhost:${port}`
  let said = ''
  for await (const chunk of server.stdout ?? []) {
    said += String(chunk)
    const { groups } = /#token=(?<token>\S+)/.exec(said) ?? {}
    if (!groups?.['token']) continue
    inserted.set('"token": "…"', `"token": "${groups['token']}"`)
    break
  }
  inserted.set('http://localhost:3000', url)
  inserted.set('/etc/carl/', `${folder}/etc/carl/`)
  inserted.set('/srv/data/', `${folder}/srv/data/`)
  inserted.set('./run node carl.cjs', join(folder, 'bin/carl'))
  inserted.set('"password": "…"', `"password": "${password}"`)
  drive = driver(findServer({}, testConfig(join(folder, 'data'))))
}

async function stopServer(): Promise<void> {
  if (!server || server.exitCode !== null) return
  server.kill('SIGTERM')
  await once(server, 'exit')
}

/** Types in the blocks of a page in one shell, and gives back what was printed. */
async function typeIn(
  page: string,
  { only = /^/, without }: { only?: RegExp; without?: RegExp } = {},
): Promise<string> {
  const blocks = snippetsOf(page, readFileSync(join(root, page), 'utf8')).filter(
    ({ language, text }) => language === 'sh' && only.test(text) && !without?.test(text),
  )
  expect(blocks.length, `${page} has something to run`).toBeGreaterThan(0)
  const filled = blocks.map(({ line, text }) =>
    [...inserted].reduce(
      (now, [said, meant]) => now.replaceAll(said, meant),
      `where='${page}, line ${line}'\n${text}`,
    ),
  )
  const script = [
    'set -euo pipefail',
    'shopt -s expand_aliases',
    `trap 'echo "✗ $where: $BASH_COMMAND" >&2' ERR`,
    ...filled,
  ]
  // Nothing here has a minute to wait for somebody to type.
  // Whoever sits at the machine of the server needs no token, and may do what no token may.
  const token = filled.some((text) => text.includes('$CARL_TOKEN'))
    ? { CARL_TOKEN: inserted.get('carl_…') }
    : {}
  const shell = spawn('bash', ['-s'], {
    cwd: folder,
    env: { ...environment(), CARL_URL: url, URL: url, ...token },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  shell.stdin.end(script.join('\n'))
  const [out, err, [code]] = await Promise.all([
    textOf(shell.stdout),
    textOf(shell.stderr),
    once(shell, 'close'),
  ])
  expect(code, `${out}\n${err}`).toBe(0)
  return out
}

test('getting started: the server starts, the first administrator is made, and the doctor is content', async () => {
  const printed = await typeIn('docs/guide/getting-started.md', { without: /reset-password/ })
  expect(printed).toMatch(/^Open this link once/m)
  expect(printed).toMatch(/✓ server +Version/)
})

test('tokens: signed in by name and password, a token is made', async () => {
  inserted.set('"role": "operator"', '"role": "admin"')
  const printed = await typeIn('docs/guide/tokens-and-api.md', { only: /carl\.cookies/ })
  const { groups } = /"text":"(?<token>carl_[^"]+)"/.exec(printed) ?? {}
  expect(groups?.['token']).toBeDefined()
  inserted.set('carl_…', groups?.['token'] ?? '')
})

test('a node: Carl makes a key, the block for the node is sound, and the fingerprint is confirmed', async () => {
  await drive.allowLoopback()
  const { id } = await drive.client.credentials.create({
    body: { kind: 'key', name: 'key of the node', privateKey: sshd.clientKey.reveal() },
  })
  inserted.set('"cre_…"', `"${id}"`)
  inserted.set(
    '"host": "192.168.1.20", "username": "carl"',
    `"host": "127.0.0.1", "port": ${sshd.port}, "username": "${sshd.username}"`,
  )
  inserted.set('"elevation": "commands"', '"elevation": "none"')
  const page = 'docs/guide/add-a-node.md'
  expect(await typeIn(page, { only: /carl_api/ })).toMatch(/ssh-ed25519 .*SHA256:/s)
  expect(await typeIn(page, { only: /^carl doctor/ })).toMatch(/✓ python .*✓ clock/s)
  const others = await Promise.all(
    ['pve1', 'pihole'].map((name) =>
      drive.client.nodes.create({ body: { name, host: '10.0.0.9', username: 'carl', credentialId: id } }),
    ),
  )
  await typeIn(page, { only: /enrol/ })
  for (const other of others) await drive.client.nodes.remove({ params: { id: other.id } })
  const { items } = await drive.client.nodes.list({ query: {} })
  for (const node of items)
    await drive.client.nodes.change({ params: { id: node.id }, body: { allowedAgents: null } })
})

test('running: every way to start an agent, and what scripts make of it', async () => {
  // Which grade the findings of this machine have is not for the test to say.
  inserted.set('jq -e ', 'jq ')
  // How much the agent looks at is not what is tried here.
  inserted.set('carl run system-health ', `carl run system-health -o 'skip=${JSON.stringify(slow)}' `)
  const printed = await typeIn('docs/guide/run-an-agent.md')
  inserted.delete('jq -e ')
  expect(printed).toContain('disk_warn_pct')
})

test('what an agent would cost, what it finds in Docker and in backups, and what the doctor says', async () => {
  await typeIn('docs/guide/what-it-costs.md')
  await typeIn('docs/guide/when-something-fails.md')
  await typeIn('docs/guide/clean-up-docker.md')
  await typeIn('docs/guide/prove-your-backups.md')
  await typeIn('docs/guide/know-what-to-update.md')
  expect(await typeIn('docs/guide/watch-your-disks.md')).not.toBe('')
})

test('a call from elsewhere, signed as the guide signs it, fires its trigger', async () => {
  const { trigger, hook } = await drive.client.triggers.create({
    body: { name: 'deployed', when: { kind: 'webhook' }, agentId: agentId.parse('hello'), targets: ['nas'] },
  })
  inserted.set("body='{}'", `KEY='${hook?.key}' ADDRESS='${url}${hook?.path}' body='{}'`)
  await typeIn('docs/guide/triggers.md')
  // The caller hears that it was taken in; what comes of it is worked out then.
  const last = async () => (await drive.client.triggers.get({ params: { id: trigger.id } })).last
  await expect.poll(last, { timeout: 20_000 }).not.toBeNull()
})

test('reading: reports, logs and figures by the API, and a finding that may stay', async () => {
  const faulty = await drive.run('faults', 'nas')
  await drive.untilEnded(faulty.id)
  const { items } = await drive.client.executions.list({ query: { agentId: agentId.parse('system-health') } })
  inserted.set('exe_…', items.find(({ state }) => state === 'succeeded')?.id ?? '')
  const findings = await drive.client.findings.list({ query: {} })
  const [finding] = findings.items
  expect(finding).toBeDefined()
  inserted.set('disk.full:/srv/photos', finding?.key ?? '')
  inserted.set('"agentId": "system-health", "key"', `"agentId": "${finding?.agentId}", "key"`)
  inserted.set('nod_…', finding?.nodeId ?? '')
  expect(await typeIn('docs/guide/read-a-report.md')).toContain('disk.used_pct')
  await typeIn('docs/guide/tokens-and-api.md', { without: /carl\.cookies/ })
})

test('configuration as code: what is exported is what there is, and applying it changes nothing', async () => {
  const printed = await typeIn('docs/guide/configuration-as-code.md')
  expect(printed).toMatch(/^0 to change; nothing was written\.$[^]*^✓ 0 changed, \d+ as before\.$/m)
  expect(readFileSync(join(folder, 'carl.yaml'), 'utf8')).toContain('kind: node')
})

test('the rest: settings, approvals, schedules', async () => {
  await typeIn('docs/guide/configuration.md')
  await typeIn('docs/guide/approve-changes.md')
  const page = 'docs/guide/schedules.md'
  const [file] = snippetsOf(page, readFileSync(join(root, page), 'utf8')).filter(
    ({ language }) => language === 'yaml',
  )
  writeFileSync(join(folder, 'schedules.yaml'), (file?.text ?? '').replace('docker-*', 'nas'))
  expect(await typeIn(page)).toContain('Docker Maintenance')
  expect(readFileSync(join(folder, 'schedules.yaml'), 'utf8')).toContain('# 2 AM Sunday')
})

test('starting: in a checkout, behind a proxy, and with what a proxy says', async () => {
  expect(await typeIn('README.md')).toContain('Open this link once')
  expect(await typeIn('docs/guide/behind-a-proxy.md')).toContain('https://home.example/carl/setup#token=')
  await typeIn('docs/guide/sign-in-with-your-provider.md')
})

test('the server at rest: a new key, then a key elsewhere, a new password, and no factors', async () => {
  const page = 'docs/guide/master-key.md'
  await typeIn(page, { only: /^carl rotate-key$/m })
  await stopServer()
  inserted.set('npm start', `CARL_KEPT=${folder}/data npm start`)
  expect(await typeIn(page, { only: /mv data/ })).toMatch(/^Open http/m)
  inserted.set('carl reset', `MASTER_KEY_FILE=${folder}/etc/carl/master.key carl reset`)
  await typeIn('docs/guide/getting-started.md', { only: /reset-password/ })
  inserted.set('NAME', 'anna')
  await typeIn('docs/guide/sign-in-safely.md')
})
