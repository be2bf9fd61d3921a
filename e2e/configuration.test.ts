import { readFile } from 'node:fs/promises'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'
import { administrator } from './product.ts'

test('all that is set up is taken away as text; a changed text shows its difference, asks who it is, and is applied', async ({
  page,
  product,
  sshd,
  troubles,
}) => {
  troubles.allow(/^POST \S+\/configuration 403$/)
  const { client } = product.drive
  await product.drive.addNode(sshd, { name: 'pantry' })
  const before = (await client.settings.get()).logsMaxMib
  const after = before + 1_000

  await page.goto('settings')
  const save = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download', exact: true }).click()
  const text = await readFile(await (await save).path(), 'utf8')
  const documents = text.split('---\n')
  const ofPantry = documents.find((one) => one.startsWith('kind: node\nname: pantry\n')) ?? ''
  expect(ofPantry).toContain('credential: key of pantry')

  // As it was taken away it changes nothing; nobody has to type it in again.
  const compare = page.getByRole('button', { name: 'Show the difference' })
  const difference = page.getByRole('region', { name: 'What it would change' })
  const take = (name: string, content: string) =>
    page
      .locator('input[type=file][accept*=".yaml"]')
      .setInputFiles({ name, mimeType: 'application/yaml', buffer: Buffer.from(content) })
  await take('carl.yaml', text)
  await expect(page.getByLabel('Documents')).toHaveValue(text)
  await compare.click()
  await expect(difference.getByText('All of it is as the text says.')).toBeVisible()
  await expect(page.getByRole('button', { name: /^Apply/ })).toHaveCount(0)

  const changed = [
    `kind: settings\nlogsMaxMib: ${after}\n`,
    ofPantry.replace('name: pantry', 'name: larder'),
    ofPantry,
  ].join('---\n')
  await page.getByLabel('Documents').fill(changed)
  // A difference is of the text that is there, not of one before.
  await expect(difference).toHaveCount(0)
  await compare.click()
  await expect(difference.getByText(String(before), { exact: true })).toBeVisible()
  await expect(difference.getByText(String(after), { exact: true })).toBeVisible()
  await expect(difference.getByText('Node larder')).toBeVisible()
  await expect(difference.getByText('1 more is as the text says.')).toBeVisible()
  await expectAccessible(page)
  expect((await client.settings.get()).logsMaxMib).toBe(before)

  product.forgetPresence()
  await page.getByRole('button', { name: 'Apply 2 changes' }).click()
  const proof = page.getByRole('dialog', { name: 'Is it you?' })
  await proof.getByLabel('Password').fill(administrator.password)
  await proof.getByRole('button', { name: 'Confirm' }).click()
  await expect(page.getByText('2 changes are applied')).toBeVisible()
  const outcome = page.getByRole('region', { name: 'What came of it' })
  // Who it is that answers there, only a person can tell.
  await expect(outcome.getByText(/host key is not confirmed yet/)).toBeVisible()
  await expectAccessible(page)

  expect((await client.settings.get()).logsMaxMib).toBe(after)
  await page.goto('nodes')
  await expect(page.getByRole('link', { name: 'larder' })).toBeVisible()
  await page.goto('activity?action=configuration.applied')
  await expect(page.getByRole('button', { name: 'Details of configuration.applied' }).first()).toBeVisible()
})
