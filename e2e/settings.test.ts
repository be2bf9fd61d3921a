import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'
import { door } from './pages/door.ts'

test('a token is shown once, opens the API for a script, and is locked out when revoked', async ({
  page,
  product,
}, { project }) => {
  const name = `script of the ${project.name}`
  await page.goto('settings?tab=tokens')
  await page.getByRole('button', { name: 'New token' }).click()
  await page.getByLabel('Name').fill(name)
  await page.getByRole('radio', { name: /Viewer/ }).check()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Make token' }).click()
  const text = await page.getByRole('region', { name: 'the token' }).innerText()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'I have copied it' }).click()

  const ask = async () => {
    const address = new URL('api/v1/session', product.url)
    return (await fetch(address, { headers: { authorization: `Bearer ${text.trim()}` } })).status
  }
  expect(await ask()).toBe(200)

  await page.getByRole('button', { name: `Revoke ${name}` }).click()
  await page.getByRole('button', { name: 'Revoke', exact: true }).click()
  await expect(page.getByText('The token is revoked')).toBeVisible()
  expect(await ask()).toBe(401)
})

test('somebody is added, signs in, is given another role, and has to sign in again', async ({
  page,
  browser,
  product,
}, { project }) => {
  const name = `ben.${project.name}`
  await page.goto('settings?tab=users')
  await page.getByRole('button', { name: 'Add user' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill(name)
  await expectAccessible(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Add user' }).click()
  const password = (await page.getByRole('region', { name: 'the password' }).innerText()).trim()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'I have copied it' }).click()

  const theirs = await browser.newContext({ baseURL: product.url })
  const window = await theirs.newPage()
  await door(window).open()
  await door(window).signIn({ name, password })
  await door(window).expectInside()
  await window.goto('settings')
  await expect(window.getByRole('tab', { name: 'Account' })).toBeVisible()
  await expect(window.getByRole('tab', { name: 'Users' })).toHaveCount(0)

  await page.getByRole('combobox', { name: `Role of ${name}` }).selectOption('operator')
  await page.getByRole('button', { name: 'Change role' }).click()
  await expect(page.getByText('The role is changed')).toBeVisible()
  await window.goto('nodes')
  await expect(window.getByRole('button', { name: 'Sign in' })).toBeVisible()
  await theirs.close()

  await page.getByRole('button', { name: `Remove ${name}` }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('The user is removed')).toBeVisible()
  await expect(page.getByText(name, { exact: true })).toHaveCount(0)
})

test('theme and language are chosen once, and are there again after a reload', async ({ page }) => {
  await page.goto('settings?tab=appearance')
  await page.getByRole('radio', { name: /^Dark/ }).check()
  await expectAccessible(page)
  await page.getByRole('radio', { name: 'Deutsch' }).check()
  await expect(page.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await expect(page.getByRole('radio', { name: /^Dunkel/ })).toBeChecked()
  await expectAccessible(page)
})

test('a setting says its bounds, is saved, and is not lost by leaving', async ({ page }) => {
  await page.goto('settings')
  const days = page.getByRole('textbox', { name: /Executions, logs and metrics/ })
  await days.fill('0')
  await expect(page.getByText('Between 1 and 3,650.')).toBeVisible()
  await days.fill('45')
  await page.getByRole('tab', { name: 'About' }).click()
  await expect(page.getByRole('alertdialog', { name: 'Leave without saving?' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('The settings are saved and in force')).toBeVisible()
  await page.goto('activity?action=settings.changed')
  await page.getByRole('button', { name: 'Details of settings.changed' }).first().click()
  await expect(page.getByText('"after": 45')).toBeVisible()
  await expectAccessible(page)
})
