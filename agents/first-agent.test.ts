import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestHouse, testHouse } from '../testbed/house.ts'
import { startSshd, type TestSshd } from '../testbed/sshd.ts'

/** The guide, as a reader follows it: its blocks in their order, on a real server with a real node. */
const root = resolve(import.meta.dirname, '..')
const guide = readFileSync(join(root, 'docs/guide/your-first-agent.md'), 'utf8')
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n(?<text>[^]*?)^\`\`\``, 'gm'))].map(
    ({ groups }) => groups?.['text'] ?? '',
  )

let house: TestHouse
let sshd: TestSshd
let logs: string
let cwd: string

beforeAll(async () => {
  logs = mkdtempSync(join(tmpdir(), 'carl-logs-'))
  writeFileSync(join(logs, 'debug.log'), Buffer.alloc(1_000_001))
  sshd = await startSshd()
  house = await testHouse()
  cwd = house.folder
  await house.drive.addNode(sshd)
})
afterAll(async () => {
  await house.close()
  await sshd.stop()
  rmSync(logs, { recursive: true })
})

/** One line of the guide, in a shell of its reader. */
async function type(line: string): Promise<{ code: number; said: string }> {
  const [program, ...words] = line.split(' ')
  if (program === 'cd') {
    // The guide's data folder is the one of this server.
    cwd = resolve(house.folder, (words[0] ?? '').replace(/^data\//, ''))
    return { code: 0, said: '' }
  }
  expect(program).toBe('carl')
  const env = { ...process.env, DATA_DIR: house.folder, NO_COLOR: '1' }
  return promisify(execFile)(process.execPath, [join(root, 'server/main.ts'), ...words], { cwd, env }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: `${error.stdout}${error.stderr}`,
    }),
  )
}

test('whoever follows the guide has an agent that runs on a node', async () => {
  const lines = blocks('sh').map((text) => text.trim())
  const [make = '', go = '', tryIt = '', tryAgain = '', look = '', reload = '', run = ''] = lines
  expect(lines).toHaveLength(7)

  expect(await type(make)).toMatchObject({ code: 0, said: expect.stringContaining('agent.yaml') })
  await type(go)
  const first = await type(tryIt)
  expect(first.said).toMatch(/✓ Ran 2 tests/)
  expect(first.said).toContain('✓ a-large-file: One of two files is larger than the limit.')
  expect(first.said).toContain("1 thing needs you: /srv/photos/it's large.mov has grown to 250 MB.")
  expect(first.said).toContain('✓ nothing-to-see')
  expect(first.code).toBe(0)

  const program = readFileSync(join(cwd, 'agent.py'), 'utf8')
  const taught = program.replace(/^def judge[^]*?\n\n\n/m, () => `${blocks('python')[0]}\n\n`)
  expect(taught).not.toBe(program)
  writeFileSync(join(cwd, 'agent.py'), taught)
  writeFileSync(join(cwd, 'samples/a-runaway-log.json'), blocks('json')[0] ?? '')
  const second = await type(tryAgain)
  expect(second.said).toContain('✓ a-runaway-log')
  expect(second.said).toMatch(/HIGH[^]*\/var\/log\/app\/debug\.log has grown to 900 MB/)
  expect(second.code).toBe(0)

  expect(await type(look)).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^✓ big-logs: .* in order/m),
  })
  expect(await type(reload)).toMatchObject({ code: 0, said: '✓ big-logs: added\n' })
  const ran = await type(`${run} --quiet --option limit_mb=1 --option folder=${logs}`)
  expect(ran.said).toContain(`${join(logs, 'debug.log')} has grown to 1 MB`)
  expect(ran.code).toBe(0)
})

test('a sample that says otherwise fails, and names what differs', async () => {
  const sample = join(cwd, 'samples/a-runaway-log.json')
  const text = readFileSync(sample, 'utf8')
  writeFileSync(sample, text.replace('files.large:/var/log/app', 'files.large:/var/log/other'))
  const { code, said } = await type('carl agent test')
  writeFileSync(sample, text)
  expect(code).toBe(1)
  expect(said).toContain('The finding files.large:/var/log/other/debug.log is expected, and was not said.')
  expect(said).toContain('The finding files.large:/var/log/app/debug.log was said, and is not expected.')
})

test('what is broken later is left out by its line, and comes back when it is mended', async () => {
  const file = join(cwd, 'agent.yaml')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('version: 1.0.0', 'version: one'))
  const broken = await type('carl agent reload')
  expect(broken.code).toBe(1)
  expect(broken.said).toContain('✓ big-logs: removed')
  expect(broken.said).toMatch(/big-logs: left out\n {2}agent\.yaml:2:1: version: Three numbers/)
  const { items, leftOut } = await house.drive.client.agents.list()
  expect(items.some(({ manifest }) => manifest.id === 'big-logs')).toBe(false)
  expect(leftOut).toMatchObject([{ folder: 'big-logs', problems: [{ line: 2, rule: 'manifest' }] }])
  await expect(house.drive.run('big-logs', 'nas')).rejects.toMatchObject({
    problem: { code: 'agent.not_found' },
  })

  writeFileSync(file, text)
  expect(await house.drive.client.agents.reload()).toMatchObject({ added: ['big-logs'], leftOut: [] })
  const { items: lines } = await house.drive.client.audit.list({
    query: { action: 'agents.reloaded', limit: 1 },
  })
  expect(lines).toMatchObject([{ detail: { added: ['big-logs'], changed: [], removed: [], leftOut: [] } }])
})
