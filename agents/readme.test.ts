import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agentId } from '../contract/ids.ts'
import { createCatalogue } from '../server/agents/catalogue.ts'
import { createLogger } from '../server/lib/logger.ts'

const run = promisify(execFile)
const here = import.meta.dirname

/** The first agent of the guide, as a reader makes it: its blocks of code in their order. */
const guide = readFileSync(join(here, 'README.md'), 'utf8')
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n(?<text>[^]*?)^\`\`\``, 'gm'))].map(
    ({ groups }) => groups?.['text'] ?? '',
  )

let installed: string
let folder: string
beforeAll(() => {
  installed = mkdtempSync(join(tmpdir(), 'carl-guide-'))
  folder = join(installed, 'big-logs')
  mkdirSync(folder)
  const [agent = '', tests = ''] = blocks('python')
  writeFileSync(join(folder, 'agent.yaml'), blocks('yaml')[0] ?? '')
  writeFileSync(join(folder, 'agent.py'), agent)
  writeFileSync(join(folder, 'test_agent.py'), tests)
})
afterAll(() => rmSync(installed, { recursive: true }))

describe('the first agent of the guide', () => {
  test('its own tests hold', async () => {
    const { stderr } = await run('python3', [join(here, 'run_tests.py'), folder])
    expect(stderr).toMatch(/Ran 2 tests in [\d.]+s\n\nOK/)
  })

  test('it can be looked at without a server', async () => {
    const { stdout } = await run('python3', [join(here, 'kit', 'testing.py'), folder])
    expect(stdout).toMatch(/^(ok|partial) in [\d.]+ s: logs \d+ ms$/m)
  })

  test('the server takes it into its catalogue, with its options', () => {
    const catalogue = createCatalogue({
      builtInFolder: here,
      installedFolder: installed,
      logger: createLogger('silent'),
    })
    const entry = catalogue.get(agentId.parse('big-logs'))
    expect(entry.agent.origin).toBe('installed')
    expect(entry.checkOptions({})).toEqual({ folder: '/var/log', limit_mb: 100 })
  })
})
