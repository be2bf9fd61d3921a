import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

const carl = resolve(import.meta.dirname, '../carl.cjs')

test('an agent of one’s own is made by command, mended when it is wrong, and run from the dashboard', async ({
  page,
  product,
  sshd,
}, { project }) => {
  const logs = mkdtempSync(join(tmpdir(), 'carl-logs-'))
  try {
    writeFileSync(join(logs, 'debug.log'), Buffer.alloc(1_000_001))
    const name = `big-logs-${project.name.replace(/\W/g, '').toLowerCase()}`
    const title = name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ')
    const node = await product.drive.addNode(sshd, { name: `attic-${project.name.replace(/\W/g, '')}` })
    const env = { ...process.env, DATA_DIR: product.folder, NO_COLOR: '1' }
    execFileSync(process.execPath, [carl, 'agent', 'new', name], { env })
    const manifest = join(product.folder, 'agents', name, 'agent.yaml')
    const sound = readFileSync(manifest, 'utf8')
    writeFileSync(manifest, sound.replace('version: 1.0.0', 'version: one'))

    await page.goto('agents')
    await page.getByRole('button', { name: 'Read own agents again' }).click()
    const leftOut = page.getByRole('region', { name: 'Own agents that were left out' })
    await expect(leftOut.getByText('agent.yaml:2')).toBeVisible()
    await expectAccessible(page)

    writeFileSync(manifest, sound)
    await page.getByRole('button', { name: 'Read own agents again' }).click()
    await expect(leftOut).toHaveCount(0)
    const card = page.getByLabel(title, { exact: true })
    await expect(card.getByText('Installed', { exact: true })).toBeVisible()
    await card.getByRole('link', { name: title, exact: true }).click()
    await page.getByRole('tab', { name: 'Options' }).click()
    await page.getByLabel('Where to look').fill(logs)
    await page.getByLabel('Too large from (MB)').fill('1')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Run with these' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('combobox', { name: 'Nodes' }).fill(node.name)
    await dialog.getByRole('button', { name: /^Run on / }).click()
    await expect(page.getByText('Succeeded').first()).toBeVisible({ timeout: 20_000 })
    await expect(page.getByText(`${join(logs, 'debug.log')} has grown to 1 MB`).first()).toBeVisible()
  } finally {
    rmSync(logs, { recursive: true, force: true })
  }
})
