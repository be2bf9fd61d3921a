import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'
import { api } from '../../contract/api.ts'
import { renderWelcomePage, welcomeScript } from './welcome-page.ts'

test('the script of the page is one that a browser can read', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const check = execFile(process.execPath, ['--check', '-'], (_error, _stdout, stderr) => resolve(stderr))
  check.stdin?.end(welcomeScript)
  expect(await promise).toBe('')
})

test('the script calls the one-time sign-in of the contract and builds no HTML', () => {
  const { method, path } = api.session.link
  expect(welcomeScript).toContain(`base + '/api/v1${path}'`)
  expect(welcomeScript).toContain(`method: '${method}'`)
  expect(welcomeScript).not.toMatch(/innerHTML|insertAdjacent|document\.write|eval/)
})

test('the page finds its script and style below the base path', () => {
  const page = renderWelcomePage('/lab')
  expect(page).toContain('src="/lab/welcome.js"')
  expect(page).toContain('data-base="/lab"')
})
