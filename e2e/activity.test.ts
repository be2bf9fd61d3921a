import { readFileSync } from 'node:fs'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test('the activity is saved as a file, as far as the filters leave it', async ({ page, product }) => {
  await product.drive.client.settings.change({ body: { maxExecutions: 31 } })
  await page.goto('activity?action=settings.changed')
  await page.getByRole('button', { name: 'Export' }).click()
  await expectAccessible(page)
  const saving = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'CSV, for a spreadsheet' }).click()
  const file = await saving
  expect(file.suggestedFilename()).toBe('audit-trail.csv')
  const [head, ...lines] = readFileSync(await file.path(), 'utf8')
    .trim()
    .split('\r\n')
  expect(head).toBe('seq,at,actor,ip,action,target,detail,hash')
  expect(lines.length).toBeGreaterThan(0)
  expect(lines.filter((line) => !line.includes(',settings.changed,'))).toEqual([])
})

test('an administrator sees what the server talks to, and allows a host by name', async ({ page }, {
  project,
}) => {
  const host = `${project.name}.home.lan:9091`
  await page.goto('settings?tab=outgoing')
  // The mail server of the channel that every journey finds there.
  await expect(page.getByText(/^mail\.home\.lan\b/).first()).toBeVisible()
  await page.getByRole('textbox', { name: 'Hosts allowed by name' }).fill(host)
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save hosts' }).click()
  await expect(page.getByText('The rules are saved and in force')).toBeVisible()
  await page.reload()
  await expect(page.getByRole('textbox', { name: 'Hosts allowed by name' })).toHaveValue(host)
})
