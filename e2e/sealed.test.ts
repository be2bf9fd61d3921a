import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'
import { sealedProduct } from './sealed-product.ts'

test.use({ isSignedIn: false })

test('a sealed server shows one page, tells a wrong passphrase, and gives way to the dashboard once it is open', async ({
  page,
  troubles,
}) => {
  test.slow()
  // That it is sealed, and that nothing answers while the house takes over, is what this is about.
  troubles.allow(/ (503|403)$/)
  troubles.allow(/\/readyz failed: net::ERR_(CONNECTION_REFUSED|EMPTY_RESPONSE|CONNECTION_RESET)/)
  const passphrase = 'anvil quiet lantern 72 meadow'
  const server = await sealedProduct()
  try {
    await server.start()
    await page.goto(server.url)
    await expect(page.getByRole('heading', { name: 'This server is sealed' })).toBeVisible()
    await expect(page.getByText('It has no passphrase yet')).toBeVisible()
    await expectAccessible(page)
    await server.unseal(passphrase)
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
    await page.goto('about:blank')
    await server.stop()

    await server.start()
    await page.goto(`${server.url}nodes`)
    await page.getByLabel('Passphrase').fill('anvil quiet lantern 73 meadow')
    await page.getByRole('button', { name: 'Open the server' }).click()
    await expect(page.getByText('The passphrase does not open this server.')).toBeVisible()
    await expectAccessible(page)
    await page.getByLabel('Passphrase').fill(passphrase)
    await page.getByRole('button', { name: 'Open the server' }).click()
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
  } finally {
    await page.goto('about:blank')
    await server.remove()
  }
})
