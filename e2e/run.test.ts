import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test('an agent is run from the home page, on nodes that show while one types, and is seen live', async ({
  page,
  product,
  sshd,
}) => {
  const node = await product.drive.addNode(sshd, { name: 'attic-nas' })
  // The home page has room for six agents, and what is used comes first.
  const porch = await product.drive.addNode(sshd, { name: 'porch' })
  await product.drive.untilEnded((await product.drive.run('counts', porch.id, { count: 1 })).id)
  await page.goto('./')
  const card = page.getByRole('region', { name: 'Counts', exact: true })
  await card.getByRole('button', { name: 'Remove all' }).click()
  await card.getByRole('combobox', { name: 'Nodes for Counts' }).fill('attic-n')
  await page.getByRole('option', { name: /attic-nas/ }).click()
  await expect(card.getByText('1 node will run it')).toBeVisible()
  await expectAccessible(page)

  await card.getByRole('button', { name: 'Run Counts', exact: true }).click()
  await expect(page).toHaveURL(/\/executions\/exe_/)
  await expect(page.getByText('Succeeded').first()).toBeVisible({ timeout: 20_000 })

  await page.goto('./')
  await expect(page.getByRole('link', { name: 'Counts on attic-nas', exact: true })).toBeVisible()

  // What somebody else starts shows by itself.
  await product.drive.run('hello', node.id)
  await expect(page.getByRole('link', { name: 'Hello on attic-nas', exact: true })).toBeVisible()
  await expectAccessible(page)
})

test('a run on several nodes leads to all of them together, live', async ({ page, product, sshd }) => {
  for (const name of ['barn-1', 'barn-2']) await product.drive.addNode(sshd, { name, tags: ['barn'] })
  await page.goto('./')
  await page.getByRole('button', { name: 'Run an agent' }).click()
  const dialog = page.getByRole('dialog', { name: 'Run an agent' })
  await dialog.getByRole('combobox', { name: 'Agent' }).selectOption('hello')
  await dialog.getByRole('combobox', { name: 'Nodes' }).fill('tag:barn, nowhere')
  await expect(dialog.getByText('2 nodes will run it')).toBeVisible()
  await expect(dialog.getByText('No node matches “nowhere”.')).toBeVisible()
  await expectAccessible(page)

  await dialog.getByRole('button', { name: 'Run on 2 nodes' }).click()
  await expect(page).toHaveURL(/\/executions\?batch=bat_/)
  await expect(page.getByText('All have finished')).toBeVisible({ timeout: 20_000 })
  await expect(page.getByRole('link', { name: 'Hello on barn-1' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Hello on barn-2' })).toBeVisible()
  await expectAccessible(page)
})

test('what runs is found by its filters, which stay in the address, and is cancelled from its row', async ({
  page,
  product,
  sshd,
}) => {
  const node = await product.drive.addNode(sshd, { name: 'cellar' })
  await product.drive.run('counts', node.id, { count: 1_000, everyMs: 500 })
  await page.goto('executions')
  await page.getByRole('combobox', { name: 'Filter by node' }).fill('cell')
  await page.getByRole('option', { name: /cellar/ }).click()
  await page.getByRole('combobox', { name: 'State' }).selectOption('running')
  await expect(page).toHaveURL(new RegExp(`node=${node.id}`))
  await expect(page).toHaveURL(/state=running/)
  await page.reload()
  await expect(page.getByRole('link', { name: 'Counts on cellar' })).toBeVisible()
  await expectAccessible(page)

  await page.getByRole('button', { name: 'Cancel Counts on cellar' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByText('Nothing matches these filters')).toBeVisible({ timeout: 20_000 })
  await page.getByRole('combobox', { name: 'State' }).selectOption('cancelled')
  await expect(page.getByRole('link', { name: 'Counts on cellar' })).toBeVisible()
})
