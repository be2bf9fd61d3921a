import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test('what models cost can be followed from the day to the call, and a limit set', async ({
  page,
  product,
  sshd,
}) => {
  const node = await product.drive.addNode(sshd, { name: 'nas-of-costs' })
  const execution = await product.drive.run('hello', node.id)
  await product.drive.untilEnded(execution.id)
  await product.fillLedger(execution)

  await page.goto('costs')
  await expect(page.getByRole('heading', { name: 'Costs', level: 1 })).toBeVisible()
  await page.getByRole('button', { name: 'By node: Show as a table' }).click()
  await expect(page.getByRole('table', { name: 'By node' })).toContainText('nas-of-costs')
  await expect(page.getByRole('region', { name: 'By model' })).toContainText('claude-sonnet-5-5')
  await expectAccessible(page)

  await page.getByRole('tab', { name: 'Limits' }).click()
  await page.getByRole('button', { name: 'Change: A month' }).click()
  await page.getByLabel('Limit in US dollars').fill('0')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(page.getByText('of $0.00')).toBeVisible()
  await expect(page.getByText(/AI is paused/)).toBeVisible()
  await expectAccessible(page)

  await page.getByRole('button', { name: 'Change: A month' }).click()
  await page.getByRole('button', { name: 'Back to the default' }).click()
  await expect(page.getByText('of $10.00').first()).toBeVisible()

  await page.goto(`executions/${execution.id}?tab=cost`)
  await expect(page.getByRole('table', { name: 'Calls of models' }).getByRole('row')).toHaveCount(4)
  await expectAccessible(page)
})
