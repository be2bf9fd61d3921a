import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test('of three proposed changes two are approved, one is skipped because it changed, one is restored', async ({
  page,
  product,
  sshd,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'carl-approvals-'))
  try {
    for (const name of ['old-1', 'old-2', 'old-3']) writeFileSync(join(folder, name), 'text\n')
    const node = await product.drive.addNode(sshd, { name: 'shed' })
    const { id } = await product.drive.run('tidies', node.id, { folder })
    await product.drive.untilEnded(id)

    await page.goto('./')
    await page.getByRole('link', { name: '3 changes wait for a decision' }).click()
    await expect(page).toHaveURL(/\/approvals$/)
    const plan = page.getByRole('region', { name: 'Plan of Tidies for shed' })
    await expect(plan.getByRole('checkbox', { name: 'Remove old-1' })).toBeChecked()
    await expectAccessible(page)

    // Only looked at: nothing is changed, and nothing is decided.
    await plan.getByRole('button', { name: 'Only check' }).click()
    await expect(plan.getByText('checked: would be done')).toHaveCount(3, { timeout: 20_000 })
    expect(readdirSync(folder).sort()).toEqual(['old-1', 'old-2', 'old-3'])

    writeFileSync(join(folder, 'old-2'), 'somebody needs it\n')
    await plan.getByRole('checkbox', { name: 'Remove old-3' }).uncheck()
    await plan.getByRole('button', { name: 'Approve 2 changes' }).click()
    const dialog = page.getByRole('alertdialog')
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Approve 2 changes' }).click()
    await expect(plan.getByText('done', { exact: true })).toBeVisible({ timeout: 20_000 })
    await expect(plan.getByText('It had changed since.')).toBeVisible()
    expect(readdirSync(folder).sort()).toEqual(['old-1.carl-aside', 'old-2', 'old-3'])

    await plan.getByRole('link', { name: 'See the execution' }).last().click()
    await expect(page.getByRole('heading', { name: 'What became of it' })).toBeVisible()
    await expect(page.getByText('Remove old-1')).toBeVisible()
    await expect(page.getByText('Remove old-3')).toHaveCount(0)
    await expectAccessible(page)

    await page.goto('approvals?tab=trash')
    await page.getByRole('row', { name: /old-1/ }).getByRole('button', { name: 'Restore' }).click()
    await expectAccessible(page)
    await page.getByRole('alertdialog').getByRole('button', { name: 'Restore' }).click()
    await expect.poll(() => existsSync(join(folder, 'old-1')), { timeout: 20_000 }).toBe(true)
    await expect(page.getByRole('row', { name: /old-1/ })).toHaveCount(0, { timeout: 20_000 })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
