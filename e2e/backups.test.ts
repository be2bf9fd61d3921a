import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

const hasRestic = ['/usr/bin/restic', '/usr/local/bin/restic'].some((path) => existsSync(path))
const password = 'merlin "backup" $phrase 7'

test('a repository is named with its password, a drill restores from it, and the proof stays', async ({
  page,
  product,
  sshd,
}, { project }) => {
  test.skip(!hasRestic, 'restic is not installed here')
  const folder = mkdtempSync(join(tmpdir(), 'carl-e2e-backup-'))
  try {
    const repository = join(folder, 'repository')
    mkdirSync(join(folder, 'source'))
    for (const name of ['letter.txt', 'photo 1.jpg'])
      writeFileSync(join(folder, 'source', name), name.repeat(999))
    const restic = (...argv: string[]) =>
      execFileSync('restic', ['-q', '-r', repository, ...argv], {
        env: { PATH: process.env['PATH'], HOME: folder, RESTIC_PASSWORD: password },
      })
    restic('init')
    restic('backup', join(folder, 'source'), '--host', 'cabin')
    const name = `cabin-${project.name.replace(/\W/g, '-')}`
    await product.drive.addNode(sshd, { name })

    await page.goto('backups')
    await page.getByRole('button', { name: 'Name a repository' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Node').selectOption(name)
    await dialog.getByLabel('Place').fill(repository)
    await dialog.getByLabel('Password or passphrase').fill(password)
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Name it' }).click()
    const row = page.getByRole('row').filter({ hasText: repository })
    await expect(row.getByText('Never proven')).toBeVisible()
    await expectAccessible(page)

    await row.getByRole('button', { name: 'Restore drill' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Run on 1 node' }).click()
    await expect(page).toHaveURL(/\/executions\/exe_/)
    await expect(page.getByText('Succeeded').first()).toBeVisible({ timeout: 60_000 })

    await page.goto('backups')
    await expect(row.getByText('Proven', { exact: true })).toBeVisible()
    await expect(row.getByText('2 files')).toBeVisible()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
