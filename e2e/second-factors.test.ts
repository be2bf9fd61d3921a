import type { Browser, BrowserContext, Page } from '@playwright/test'
import { Secret as Seed, TOTP } from 'otpauth'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'
import { door } from './pages/door.ts'
import type { Product } from './product.ts'
import { watchForTroubles } from './troubles.ts'

/** A window of somebody who is new here, watched as every other. */
async function windowOf(browser: Browser, product: Product, name: string) {
  const { password } = await product.drive.client.users.create({ body: { name, role: 'operator' } })
  // Browsers offer passkeys to a name alone, and localhost is one.
  const baseURL = product.url.replace('127.0.0.1', 'localhost')
  const context = await browser.newContext({ baseURL })
  const troubles = watchForTroubles(context)
  const page = await context.newPage()
  await door(page).open()
  await door(page).signIn({ name, password })
  await door(page).expectInside()
  return { context, page, troubles, name, password }
}

/** A passkey in the browser itself, which its owner unlocks at once. */
async function plugInPasskey(context: BrowserContext, page: Page): Promise<void> {
  const devTools = await context.newCDPSession(page)
  await devTools.send('WebAuthn.enable')
  await devTools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  })
}

/** What the app shows, `ms` from now. */
const codeOf = (secret: string, ms = 0): string =>
  TOTP.generate({ secret: Seed.fromBase32(secret), timestamp: Date.now() + ms })

test('an authenticator app is turned on, asked for at the next sign-in, and a recovery code stands in for it', async ({
  browser,
  product,
}, { project }) => {
  const { context, page, troubles, name, password } = await windowOf(browser, product, `tia.${project.name}`)
  troubles.allow(/^POST \S+\/session\/second-factor 401$/)
  await page.goto('settings?tab=account')
  await page.getByRole('button', { name: 'Set up' }).click()
  const dialog = page.getByRole('dialog', { name: 'Set up an authenticator app' })
  await expect(dialog.getByRole('img', { name: /QR code/ })).toBeVisible()
  const secret = await dialog.locator('code').innerText()
  await expectAccessible(page)
  await dialog.getByLabel('Code of the app').fill(codeOf(secret))
  await dialog.getByRole('button', { name: 'Turn on' }).click()
  const codes = page.getByRole('region', { name: 'Recovery codes' })
  const [recoveryCode = ''] = (await codes.innerText()).trim().split('\n')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await expect(page.getByText(/10 of 10 left/)).toBeVisible()

  await door(page).signOut()
  await door(page).signIn({ name, password })
  await expect(page.getByRole('heading', { name: 'One more step' })).toBeVisible()
  await expectAccessible(page)
  await page.getByLabel(/Code of the authenticator app/).fill('000000')
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect(page.getByRole('alert')).toContainText('auth.wrong_code')
  // Half signed in is not signed in.
  expect((await context.request.get('api/v1/session')).status()).toBe(401)
  // The code of now turned the app on, and counts once.
  await page.getByLabel(/Code of the authenticator app/).fill(codeOf(secret, 30_000))
  await page.getByRole('button', { name: 'Go on' }).click()
  await door(page).expectInside()

  await door(page).signOut()
  await door(page).signIn({ name, password })
  await page.getByRole('button', { name: 'Use a recovery code' }).click()
  await page.getByLabel('Recovery code').fill(recoveryCode)
  await page.getByRole('button', { name: 'Go on' }).click()
  await door(page).expectInside()
  await page.goto('settings?tab=account')
  await expect(page.getByText(/9 of 10 left/)).toBeVisible()
  expect(troubles.left()).toEqual([])
  await context.close()
})

test('a passkey signs in without a password, and proves presence later', async ({ browser, product }, {
  project,
}) => {
  const { context, page, troubles } = await windowOf(browser, product, `pia.${project.name}`)
  troubles.allow(/^POST \S+\/account\/tokens 403$/)
  await plugInPasskey(context, page)
  await page.goto('settings?tab=account')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('My laptop')
  await expectAccessible(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await expect(page.getByText('My laptop')).toBeVisible()

  await door(page).signOut()
  await page.getByRole('button', { name: 'Use a passkey instead' }).click()
  await door(page).expectInside()

  product.forgetPresence()
  await page.goto('settings?tab=tokens')
  await page.getByRole('button', { name: 'New token' }).click()
  await page.getByLabel('Name').fill('nightly')
  await page.getByRole('button', { name: 'Make token' }).click()
  await expect(page.getByRole('dialog', { name: 'Is it you?' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await expect(page.getByRole('region', { name: 'the token' })).toContainText('carl_')
  await page.getByRole('button', { name: 'I have copied it' }).click()
  // The session went on under a new cookie, and nobody was signed out by it.
  await page.goto('nodes')
  await door(page).expectInside()
  expect(troubles.left()).toEqual([])
  await context.close()
})

test('what is hard to undo asks once more for the password, and is done only then', async ({
  page,
  product,
  troubles,
}) => {
  troubles.allow(/^PATCH \S+\/settings 403$/)
  troubles.allow(/^POST \S+\/presence\/password 401$/)
  product.forgetPresence()
  await page.goto('settings')
  const days = page.getByRole('textbox', { name: /Audit trail/ })
  await days.fill('77')
  await page.getByRole('button', { name: 'Save' }).click()
  const dialog = page.getByRole('dialog', { name: 'Is it you?' })
  await dialog.getByLabel('Password').fill('not this one')
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await expect(dialog.getByRole('alert')).toContainText('auth.wrong_credentials')
  await page.keyboard.press('Escape')
  await expect(page.getByText(/Show first that it is you/)).toBeVisible()
  expect((await product.drive.client.settings.get()).auditRetentionDays).not.toBe(77)

  await page.getByRole('button', { name: 'Save' }).click()
  await dialog.getByLabel('Password').fill('heather-lamp-44-orbit')
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await expect(page.getByText('The settings are saved and in force')).toBeVisible()
  expect((await product.drive.client.settings.get()).auditRetentionDays).toBe(77)
  await product.drive.client.settings.change({ body: { auditRetentionDays: 30 } })
})

test('whoever lacks a factor that the settings ask for adds one, and goes on', async ({ browser, product }, {
  project,
}) => {
  const { context, page, troubles, name, password } = await windowOf(browser, product, `fia.${project.name}`)
  // What was on screen asks on until the page is left.
  troubles.allow(/ 40[13]$/)
  await product.drive.client.settings.change({ body: { secondFactorRequired: 'everybody' } })
  try {
    await door(page).signOut()
    await door(page).signIn({ name, password })
    await expect(page.getByRole('heading', { name: 'One thing before you go on' })).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Set up' }).click()
    const dialog = page.getByRole('dialog', { name: 'Set up an authenticator app' })
    await dialog.getByLabel('Code of the app').fill(codeOf(await dialog.locator('code').innerText()))
    await dialog.getByRole('button', { name: 'Turn on' }).click()
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await door(page).expectInside()
  } finally {
    await product.drive.client.settings.change({ body: { secondFactorRequired: 'nobody' } })
  }
  expect(troubles.left()).toEqual([])
  await context.close()
})

test('a session is ended from another browser, whose page then asks to sign in', async ({
  browser,
  product,
}, { project }) => {
  const { context, page, name, password } = await windowOf(browser, product, `sia.${project.name}`)
  const other = await browser.newContext({ baseURL: product.url.replace('127.0.0.1', 'localhost') })
  const window = await other.newPage()
  await door(window).open()
  await door(window).signIn({ name, password })
  await door(window).expectInside()
  await window.goto('settings?tab=account')
  await window.getByRole('button', { name: /^End the session of/ }).click()
  await window.getByRole('alertdialog').getByRole('button', { name: 'End' }).click()
  await expect(window.getByText('The session has ended')).toBeVisible()
  // Its live socket was closed, so it finds out by itself.
  await expect(page.getByText(/Your session is over/)).toBeVisible()
  await other.close()
  await context.close()
})
