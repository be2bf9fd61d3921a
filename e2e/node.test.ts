import { startSshd } from '../testbed/sshd.ts'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test('a node is added with an uploaded key, tested, confirmed, changed and deleted', async ({
  page,
  sshd,
}) => {
  await page.goto('nodes')
  await page.getByRole('link', { name: 'Add a node' }).first().click()
  await page.getByRole('textbox', { name: /^Name(?! of)/ }).fill('garage')
  await page.getByRole('textbox', { name: /^Address/ }).fill('127.0.0.1')
  await page.getByRole('spinbutton', { name: /^Port/ }).fill(String(sshd.port))
  await page.getByRole('textbox', { name: /^User/ }).fill(sshd.username)
  await page.getByRole('radio', { name: /Your own key/ }).check()
  await page.getByRole('button', { name: 'Add the node' }).click()
  await expect(page.getByText('A private key of at most 64 KiB.')).toBeVisible()
  await expectAccessible(page)

  const buffer = Buffer.from(sshd.clientKey.reveal())
  await page
    .getByLabel('Choose the file')
    .setInputFiles({ name: 'id_ed25519', mimeType: 'text/plain', buffer })
  await expect(page.getByText('id_ed25519 was read.')).toBeVisible()
  await page.getByRole('button', { name: 'Add the node' }).click()
  await expect(page).toHaveURL(/\/nodes\/nod_\w+\?tab=connection/)
  await expect(page.getByRole('heading', { name: 'garage' })).toBeVisible()

  await page.getByRole('button', { name: 'Test the connection' }).click()
  await expect(page.getByRole('heading', { name: 'Is this your machine?' })).toBeVisible()
  await expect(page.getByText(sshd.hostKey.fingerprint).first()).toBeAttached()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'It is the same: trust this key' }).click()
  await expect(page.getByText(/is the confirmed key/)).toBeVisible({ timeout: 20_000 })
  await expectAccessible(page)

  await page.getByRole('tab', { name: 'Settings' }).click()
  await page.getByRole('combobox', { name: /^Tags/ }).fill('outside,')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('garage is saved.').last()).toBeVisible()
  await page.goto('nodes?tag=outside')
  await expect(page.getByRole('link', { name: 'garage' })).toBeVisible()
  await expectAccessible(page)

  await page.getByRole('link', { name: 'garage' }).click()
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  const confirm = page.getByRole('alertdialog')
  await confirm.getByRole('textbox').fill('garage')
  await confirm.getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('garage is deleted.')).toBeVisible()
  await expect(page).toHaveURL(/\/nodes$/)
})

test('a node that shows another host key is trusted again only by its name, typed', async ({
  page,
  product,
}) => {
  const sshd = await startSshd()
  try {
    const node = await product.drive.addNode(sshd, { name: 'swapped' })
    const before = sshd.hostKey.fingerprint
    sshd.changeHostKeys()
    await sshd.restart()
    await page.goto(`nodes/${node.id}`)
    await page.getByRole('button', { name: 'Test', exact: true }).click()
    const alarm = page.getByRole('alert').filter({ hasText: 'The host key has changed' })
    await expect(alarm.getByText(before)).toBeVisible()
    await expectAccessible(page)

    const trust = alarm.getByRole('button', { name: 'Trust the new key instead' })
    await expect(trust).toBeDisabled()
    await alarm.getByRole('textbox').fill('swapped')
    await trust.click()
    await expect(page.getByText(`${sshd.hostKey.fingerprint} is the confirmed key.`)).toBeVisible()
  } finally {
    await sshd.stop()
  }
})
