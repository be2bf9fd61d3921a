import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'
import { door } from './pages/door.ts'
import { administrator } from './product.ts'

test.use({ isSignedIn: false })

test('a wrong password is refused in words, the right one opens the dashboard, and signing out closes it', async ({
  page,
  product,
  troubles,
}) => {
  troubles.allow(/^POST \S+\/session 401$/)
  await door(page).open()
  await expectAccessible(page)

  await door(page).signIn({ ...administrator, password: 'not this one' })
  await expect(page.getByRole('alert')).toContainText('auth.wrong_credentials')
  await expectAccessible(page)

  await door(page).signIn(administrator)
  await door(page).expectInside()
  expect(page.url()).toBe(product.url)

  await door(page).signOut()
  await expect(page).toHaveURL(/\/login$/)
  await page.goto('./')
  await expect(page).toHaveURL(/\/login$/)
})

test('whoever opens a deep link without being signed in gets there after signing in', async ({
  page,
  product,
}) => {
  await page.goto('executions?state=failed')
  await expect(page).toHaveURL(/\/login\?/)
  await door(page).signIn(administrator)
  await door(page).expectInside()
  expect(page.url()).toBe(`${product.url}executions?state=failed`)
})

test('the sign-in page leads nobody to another site', async ({ page, product }) => {
  await page.goto(`login?to=${encodeURIComponent('//example.com/')}`)
  await door(page).signIn(administrator)
  await door(page).expectInside()
  expect(page.url()).toBe(product.url)
})
