import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'
import { administrator } from './product.ts'

test.use({ isSignedIn: false })

test('a newcomer claims the server, adds a node, confirms its fingerprint and gets a first report', async ({
  page,
  unclaimed,
  sshd,
  troubles,
}) => {
  // It waits for a whole run of System Health.
  test.slow()
  troubles.allow(/^POST \S+\/setup 422$/)
  await page.goto(unclaimed.setupLink ?? '')
  await expect(page.getByRole('heading', { name: 'Make this server yours' })).toBeVisible()
  // The token stays in no address bar and no history.
  expect(page.url()).not.toContain('token')
  await expectAccessible(page)

  const password = page.getByLabel('Password', { exact: false }).first()
  await password.fill('password1234')
  await page.getByLabel('Password again').fill('password1234')
  await page.getByRole('button', { name: 'Make the administrator' }).click()
  await expect(password).toHaveAttribute('aria-invalid', 'true')
  await password.fill(administrator.password)
  await page.getByLabel('Password again').fill(administrator.password)
  await page.getByRole('button', { name: 'Make the administrator' }).click()

  await expect(page.getByRole('heading', { name: 'Add your first node' })).toBeVisible()
  await expectAccessible(page)
  await page.getByLabel('Name').first().fill('first')
  await page.getByLabel('Address').fill('127.0.0.1')
  await page.getByLabel('Port').fill(String(sshd.port))
  await page.getByLabel('User', { exact: false }).first().fill(sshd.username)
  await page.getByText('Your own key').click()
  await page.getByRole('textbox', { name: 'Private key' }).fill(sshd.clientKey.reveal())
  await page.getByRole('button', { name: 'Add the node' }).click()

  await expect(page.getByRole('heading', { name: 'Test the connection' })).toBeVisible()
  await page.getByRole('button', { name: /^Test/ }).click()
  await expect(page.getByText(sshd.hostKey.fingerprint).first()).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'It is the same: trust this key' }).click()
  await page.getByRole('button', { name: 'Go on', exact: true }).click()

  await page.getByRole('button', { name: 'Run System Health on first' }).click()
  await expect(page.getByText(/Connected to|Using the open connection/).first()).toBeVisible()
  await page.getByRole('link', { name: 'Open the report' }).click()
  await expect(page).toHaveURL(/\/executions\/exe_/)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
})

test('a server that has an administrator asks whoever opens the set-up to sign in', async ({ page }) => {
  await page.goto('setup')
  await expect(page).toHaveURL(/\/login\?to=/)
})
