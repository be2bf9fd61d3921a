import { readFileSync } from 'node:fs'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test('a backup of Carl is made, proved and downloaded; another server takes it over from its set-up page', async ({
  page,
  browser,
  product,
  unclaimed,
}, info) => {
  test.slow()
  await page.goto('settings?tab=own-backups')
  await page.getByRole('button', { name: 'Back up now' }).click()
  await expect(page.getByText('read back and whole')).toBeVisible({ timeout: 30_000 })
  await expect(page.getByRole('button', { name: 'Back up now' })).toBeVisible({ timeout: 30_000 })
  await expectAccessible(page)

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page
      .getByRole('link', { name: /^Download the backup of/ })
      .first()
      .click(),
  ])
  const backup = info.outputPath('backup.carl')
  await file.saveAs(backup)
  expect(readFileSync(backup).subarray(0, 8).toString()).toBe('CARLBAK1')

  const { key } = await product.drive.client.masterKey.recoveryKit({})
  const stranger = await browser.newContext({ baseURL: unclaimed.url })
  const there = await stranger.newPage()
  await there.goto(unclaimed.setupLink ?? '')
  await there.getByRole('button', { name: 'Restore a backup instead' }).click()
  await expectAccessible(there)
  await there.getByLabel('Backup').setInputFiles(backup)
  await there.getByLabel('Recovery kit').fill(`Recovery kit\n\nMaster key:\n${key}\n`)
  await there.getByRole('button', { name: 'Open the backup' }).click()
  await expect(there.getByText('This is in it')).toBeVisible({ timeout: 30_000 })
  await expectAccessible(there)
  await there.getByRole('button', { name: 'Restore and start' }).click()
  await expect(there.getByText('Sign in as before.')).toBeVisible()
  const claimed = async () =>
    fetch(new URL('api/v1/setup', unclaimed.url)).then(
      (reply) => reply.json(),
      () => null,
    )
  await expect.poll(claimed, { timeout: 30_000 }).toEqual({ claimed: true })
  await stranger.close()
})
