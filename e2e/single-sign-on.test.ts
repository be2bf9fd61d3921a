import type { Page } from '@playwright/test'
import {
  clientId,
  clientSecret,
  type IdentityProvider,
  startIdentityProvider,
} from '../testbed/identity-provider.ts'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'
import { door } from './pages/door.ts'
import { administrator } from './product.ts'

test.describe.configure({ mode: 'serial' })

let idp: IdentityProvider

test.beforeAll(async ({ product }) => {
  // Another name than the dashboard's: for a browser another site, so that strict cookies stay behind.
  idp = await startIdentityProvider({
    host: 'localhost',
    redirectUris: [`${product.url}sign-in/callback`],
    signedOutUri: `${product.url}api/v1/single-sign-on/signed-out`,
  })
  idp.people.set('mia', { preferred_username: 'mia', groups: ['family', 'ops'] })
  idp.people.set('eve', { preferred_username: 'eve', groups: ['guests'] })
})
test.afterAll(() => idp.stop())

/** The pages of the provider are not ours. */
const ofProvider = /^http:\/\/localhost:\d+\S* came without /

/** The provider's own page. */
async function enter(page: Page, login: string): Promise<void> {
  await expect(page.getByRole('heading', { name: 'The testbed' })).toBeVisible()
  await page.getByLabel('Who are you?').fill(login)
  await page.getByRole('button', { name: 'Enter' }).click()
}

/** On a phone the bar at the bottom covers half a button, wherever one happens to stop; at the end of the page it does not. */
async function expectAccessibleAtTheEnd(page: Page): Promise<void> {
  await page
    .getByText('The last trial')
    .or(page.getByText('Tells of sign-outs'))
    .last()
    .scrollIntoViewIfNeeded()
  await expectAccessible(page)
}

test('an administrator sets a provider up, asks it, tries it out, and switches it on', async ({
  page,
  product,
  troubles,
}) => {
  troubles.allow(ofProvider)
  // It lies on this very machine, which has to be named.
  await product.drive.client.settings.change({ body: { outgoingHosts: [new URL(idp.issuer).host] } })
  await page.goto('settings?tab=sign-in')
  await expect(page.getByRole('region', { name: 'Redirect URI', exact: true })).toHaveText(
    `${product.url}sign-in/callback`,
  )
  await expectAccessible(page)
  await page.getByLabel('Issuer').fill(idp.issuer)
  await page.getByLabel('Client id').fill(clientId)
  await page.getByLabel('Client secret').fill(clientSecret)
  await page.getByLabel('Text of the button').fill('Sign in with the testbed')
  await page.getByRole('button', { name: 'Save' }).first().click()
  await expect(page.getByText('The provider is saved')).toBeVisible()

  await page.getByRole('button', { name: 'Add group' }).click()
  await page.getByLabel('Group 1', { exact: true }).fill('ops')
  await page.getByLabel('Role of group 1').selectOption('operator')
  await page.getByRole('button', { name: 'Save' }).nth(1).click()
  await expect(page.getByText('The rules are saved and in force')).toBeVisible()

  await page.getByRole('button', { name: 'Ask the provider' }).click()
  await expect(page.getByText('yes, it knows the redirect URI')).toBeVisible()
  await expectAccessibleAtTheEnd(page)

  await page.getByRole('button', { name: 'Trial sign-in' }).click()
  await enter(page, 'mia')
  await expect(page.getByText('Would come in as mia')).toBeVisible()
  await expect(page.getByText('with the role Operator')).toBeVisible()
  await page.getByText('What the provider sent').click()
  await expect(page.getByText('["family","ops"]')).toBeVisible()
  await expectAccessibleAtTheEnd(page)

  await page.getByRole('switch', { name: 'People can sign in with it' }).check()
  await page.getByRole('button', { name: 'Save' }).first().click()
  await expect(page.getByText('The provider is saved')).toBeVisible()
})

test.describe('in front of the door', () => {
  test.use({ isSignedIn: false })

  test('somebody signs in with the provider, arrives where they wanted to go, and signs out', async ({
    page,
    product,
    troubles,
  }) => {
    troubles.allow(ofProvider)
    await page.goto('nodes?view=grid')
    await expect(page.getByRole('button', { name: 'Sign in with the testbed' })).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Sign in with the testbed' }).click()
    await enter(page, 'mia')
    await door(page).expectInside()
    expect(page.url()).toBe(`${product.url}nodes?view=grid`)
    await page.goto('settings?tab=account')
    await expect(page.getByRole('tab', { name: 'Sign-in' })).toHaveCount(0)
    await door(page).signOut()
    await expect(page).toHaveURL(/\/login$/)
    await expect(page.getByRole('button', { name: 'Sign in with the testbed' })).toBeVisible()
    await expect(page.getByLabel('Password')).toBeVisible()
  })

  test('somebody without a group is told that they have no access, and gets back to the sign-in page', async ({
    page,
    troubles,
  }) => {
    troubles.allow(ofProvider)
    troubles.allow(/^POST \S+\/single-sign-on\/answer 403$/)
    await page.goto('login')
    await page.getByRole('button', { name: 'Sign in with the testbed' }).click()
    await enter(page, 'eve')
    await expect(page.getByText('You are known, and have no access here')).toBeVisible()
    await expectAccessible(page)
    expect(new URL(page.url()).search).toBe('')
    await page.getByRole('link', { name: 'To the sign-in page' }).click()
    await expect(page.getByRole('button', { name: 'Sign in with the testbed' })).toBeVisible()
  })

  test('while the provider is down that is said, and the password opens the door', async ({
    page,
    troubles,
  }) => {
    troubles.allow(/^POST \S+\/single-sign-on 502$/)
    await idp.goDown()
    await page.goto('login')
    await page.getByRole('button', { name: 'Sign in with the testbed' }).click()
    await expect(page.getByText('The identity provider does not answer')).toBeVisible()
    await page.goto('login/password')
    await door(page).signIn(administrator)
    await door(page).expectInside()
    await idp.comeBack()
  })
})

test('the users show who vouches for somebody, and their role can be set here', async ({ page }) => {
  await page.goto('settings?tab=users')
  const row = page.getByRole('row').filter({ hasText: 'mia' })
  await expect(row.getByText('identity provider')).toBeVisible()
  await expect(row.getByRole('button', { name: 'New password for mia' })).toHaveCount(0)
  await page.getByRole('combobox', { name: 'Role of mia' }).selectOption('viewer')
  await page.getByRole('button', { name: 'Change role' }).click()
  await expect(page.getByText('The role is changed')).toBeVisible()
  await page.getByRole('combobox', { name: 'Role of mia' }).selectOption({ label: 'By groups' })
  await page.getByRole('button', { name: 'Change role' }).click()
  await expect(page.getByRole('combobox', { name: 'Role of mia' })).toContainText('By groups (Operator)')
  await expectAccessible(page)
})

test('a provider that is removed leaves the sign-in page as it was', async ({ page, browser, product }) => {
  await page.goto('settings?tab=sign-in')
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('The provider is removed')).toBeVisible()
  const outside = await browser.newContext({ baseURL: product.url })
  const window = await outside.newPage()
  await door(window).open()
  await expect(window.getByRole('button', { name: 'Sign in with the testbed' })).toHaveCount(0)
  await outside.close()
})
