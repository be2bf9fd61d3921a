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

test('what is gone for good asks once more who it is, and is done only then', async ({
  page,
  product,
  sshd,
  troubles,
}, { project }) => {
  troubles.allow(/^POST \S+\/approve 403$/)
  troubles.allow(/^POST \S+\/presence\/password 401$/)
  const folder = mkdtempSync(join(tmpdir(), 'carl-approvals-'))
  try {
    writeFileSync(join(folder, 'for-good'), 'text\n')
    const node = await product.drive.addNode(sshd, { name: `loft-${project.name.replace(/\W/g, '')}` })
    const { id } = await product.drive.run('tidies', node.id, { folder, aside: false })
    await product.drive.untilEnded(id)
    product.forgetPresence()

    await page.goto('approvals')
    const plan = page.getByRole('region', { name: `Plan of Tidies for ${node.name}` })
    // Nothing of this sort is chosen from the start.
    const change = plan.getByRole('checkbox', { name: 'Remove for-good' })
    await expect(change).not.toBeChecked()
    await change.check()
    await plan.getByRole('button', { name: 'Approve 1 change' }).click()
    const question = page.getByRole('alertdialog')
    await expect(question.getByText(/cannot be taken back/)).toBeVisible()
    await question.getByRole('button', { name: 'Approve 1 change' }).click()
    const proof = page.getByRole('dialog', { name: 'Is it you?' })
    await expectAccessible(page)
    await proof.getByLabel('Password').fill('not this one')
    await proof.getByRole('button', { name: 'Confirm' }).click()
    await expect(proof.getByRole('alert')).toContainText('auth.wrong_credentials')
    await page.keyboard.press('Escape')
    await expect(page.getByText(/Show first that it is you/)).toBeVisible()
    expect(existsSync(join(folder, 'for-good'))).toBe(true)

    await question.getByRole('button', { name: 'Approve 1 change' }).click()
    await proof.getByLabel('Password').fill('heather-lamp-44-orbit')
    await proof.getByRole('button', { name: 'Confirm' }).click()
    await expect.poll(() => existsSync(join(folder, 'for-good')), { timeout: 20_000 }).toBe(false)
    await page.goto('approvals?tab=decided')
    await expect(plan.getByText('done', { exact: true })).toBeVisible({ timeout: 20_000 })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a rejected change is not asked again by the next run, until somebody takes the rejection back', async ({
  page,
  product,
  sshd,
}, { project }) => {
  const folder = mkdtempSync(join(tmpdir(), 'carl-approvals-'))
  try {
    writeFileSync(join(folder, 'mine'), 'text\n')
    const node = await product.drive.addNode(sshd, { name: `barn-${project.name.replace(/\W/g, '')}` })
    const run = async () =>
      product.drive.untilEnded((await product.drive.run('tidies', node.id, { folder })).id)
    await run()
    await page.goto('approvals')
    const plan = page.getByRole('region', { name: `Plan of Tidies for ${node.name}` })
    await plan.getByRole('button', { name: 'Reject' }).click()
    const question = page.getByRole('alertdialog')
    await question.getByLabel('Why').fill('still needed')
    await expect(question.getByLabel('Ask again')).toHaveValue('30')
    await expectAccessible(page)
    await question.getByRole('button', { name: 'Reject' }).click()
    await expect(question).toHaveCount(0)

    const { id } = await run()
    await page.goto(`executions/${id}`)
    await expect(page.getByText('not asked again', { exact: true })).toBeVisible()
    await expect(page.getByText(/“still needed”.*Not asked again until/)).toBeVisible()
    await page.getByRole('button', { name: 'History' }).click()
    const history = page.getByRole('dialog', { name: 'History of this object' })
    for (const step of ['Found again, not asked', 'Rejected', 'Proposed', 'Found'])
      await expect(history.getByText(step, { exact: true })).toBeVisible()
    await expectAccessible(page)
    await page.keyboard.press('Escape')

    await page.goto('approvals?tab=rejected')
    const remembered = page.getByRole('listitem').filter({ hasText: node.name })
    await expectAccessible(page)
    await remembered.getByRole('button', { name: 'Ask again' }).click()
    await expect(remembered).toHaveCount(0)
    await page.goto('approvals')
    await expect(plan.getByRole('checkbox', { name: 'Remove mine' })).toBeChecked()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('in bed, three taps of a thumb approve what an agent proposes', async ({
  page,
  product,
  sshd,
  isMobile,
}) => {
  test.skip(!isMobile, 'nobody taps at a desk')
  const folder = mkdtempSync(join(tmpdir(), 'carl-approvals-'))
  try {
    writeFileSync(join(folder, 'old'), 'text\n')
    const node = await product.drive.addNode(sshd, { name: 'bedside' })
    const { id } = await product.drive.run('tidies', node.id, { folder })
    await product.drive.untilEnded(id)
    const plan = page.getByRole('region', { name: 'Plan of Tidies for bedside' })
    const taps = [
      page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: /Approvals/ }),
      plan.getByRole('button', { name: 'Approve 1 change' }),
      page.getByRole('alertdialog').getByRole('button', { name: 'Approve 1 change' }),
    ]
    await page.goto('./')
    for (const place of taps) {
      await expect(place).toBeVisible()
      const box = await place.boundingBox()
      const { height = 0 } = page.viewportSize() ?? {}
      // As large as a finger, and below the half of the screen: above, a hand has to let go.
      expect(box?.height).toBeGreaterThanOrEqual(44)
      expect(box?.y).toBeGreaterThan(height / 2)
      await place.tap()
    }
    await expect.poll(() => existsSync(join(folder, 'old')), { timeout: 20_000 }).toBe(false)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
