import { readFileSync } from 'node:fs'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test('the recovery kit is taken, the key changed while the server runs, and a new kit asked for and declined', async ({
  page,
  product,
  leaks,
}) => {
  // The one reply that is there to show it.
  leaks.allow(/^the master key in the reply to POST \S+\/master-key\/recovery-kit$/)
  await product.drive.client.credentials.create({
    body: { kind: 'password', name: `sealed ${Date.now()}`, password: 'canary of the journey' },
  })
  await page.goto('settings?tab=master-key')
  await expect(page.getByText('Beside the data')).toBeVisible()
  await expectAccessible(page)

  await page.getByRole('button', { name: 'Get the recovery kit' }).click()
  const sheet = page.getByRole('region', { name: 'the recovery kit' })
  await expect(sheet).toContainText(/[A-Za-z0-9+/]{43}=/)
  await expectAccessible(page)
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download' }).click()
  const download = await downloading
  expect(download.suggestedFilename()).toMatch(/^carl-recovery-kit-[0-9a-f]{4}\.txt$/)
  expect(readFileSync(await download.path(), 'utf8')).toMatch(/\n[A-Za-z0-9+/]{43}=\n/)
  // On paper there is the kit and nothing else.
  await page.emulateMedia({ media: 'print' })
  await expect(page.locator('.print-sheet')).toBeVisible()
  await expect(page.getByRole('heading', { level: 1, name: 'Settings', includeHidden: true })).toBeHidden()
  await page.emulateMedia({ media: 'screen' })
  await page.getByRole('button', { name: 'It is in a safe place' }).click()
  await expect(page.getByText('Taken', { exact: true })).toBeVisible()

  await page.getByRole('button', { name: 'Change the key' }).click()
  await expectAccessible(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Change the key' }).click()
  await expect(page.getByText('Not taken yet')).toBeVisible()
  const [credential] = (await product.drive.client.credentials.list({})).items
  expect(credential).toBeDefined()

  await page.getByRole('button', { name: 'I do not want one' }).click()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Go without' }).click()
  await expect(page.getByText('Not wanted')).toBeVisible()

  for (const action of ['recovery-kit.downloaded', 'master-key.rotated', 'recovery-kit.declined']) {
    await page.goto(`activity?action=${action}`)
    await expect(page.getByRole('button', { name: `Details of ${action}` }).first()).toBeVisible()
  }
})
