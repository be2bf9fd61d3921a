import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'
import { administrator } from './product.ts'

test.use({ isSignedIn: false })

test('somebody looks around with sample data, removes it, and the first steps tick by themselves', async ({
  page,
  unclaimed,
  sshd,
}) => {
  test.slow()
  const { url, drive } = unclaimed
  await page.goto(unclaimed.setupLink ?? '')
  const password = page.getByLabel('Password', { exact: false }).first()
  await password.fill(administrator.password)
  await page.getByLabel('Password again').fill(administrator.password)
  await page.getByRole('button', { name: 'Make the administrator' }).click()
  await expect(page.getByRole('heading', { name: 'Add your first node' })).toBeVisible()

  // An empty home leads on, and lets one look around first.
  await page.goto(url)
  const main = page.getByRole('main')
  const steps = main.getByRole('listitem')
  await expect(main.getByText('0 of 11 done')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Look around with sample data' }).click()
  const ribbon = page.getByRole('note').filter({ hasText: 'Sample data' })
  await expect(ribbon).toBeVisible()
  await expect(main.getByText('/srv/media is 92 % full').first()).toBeVisible()
  await expectAccessible(page)

  // A finding, with what it rests on; nothing can be done with it.
  await page.goto(`${url}findings`)
  await main.getByRole('button', { name: 'Evidence and fix' }).first().click()
  await expect(main.getByText('du -xh').first()).toBeVisible()
  await expect(main.getByRole('button', { name: 'Acknowledge' })).toHaveCount(0)
  await page.goto(`${url}approvals`)
  await expect(main.getByText('it can be looked at, and nothing else')).toBeVisible()
  await expect(main.getByRole('button', { name: /Approve/ })).toHaveCount(0)
  await expectAccessible(page)

  await page.goto(`${url}nodes`)
  await expect(main.getByText('sample-nas').filter({ visible: true }).first()).toBeVisible()
  await ribbon.getByRole('button', { name: 'Remove sample data' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove sample data' }).click()
  await expect(main.getByText('No node yet')).toBeVisible()
  await expect(ribbon).toHaveCount(0)

  // What is done ticks by itself, here and on every other device; what is skipped stays so.
  await drive.addNode(sshd, { name: 'mine' })
  await page.goto(`${url}first-steps`)
  await expect(main.getByText('2 of 11 done')).toBeVisible()
  await expect(steps.filter({ hasText: 'Add a node' }).first()).toContainText('Done')
  await page.getByRole('button', { name: 'Skip: Take the recovery kit' }).click()
  await expect(steps.filter({ hasText: 'Take the recovery kit' })).toContainText('Skipped')
  await page.getByRole('button', { name: 'Put away' }).click()
  await page.reload()
  await expect(steps.filter({ hasText: 'Take the recovery kit' })).toContainText('Skipped')
  await page.getByRole('button', { name: 'Show on the home page' }).click()
  await expect(page.getByRole('button', { name: 'Put away' })).toBeVisible()
  await expectAccessible(page)
})
