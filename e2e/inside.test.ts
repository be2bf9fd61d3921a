import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'
import { door } from './pages/door.ts'

test('the first page is there at once, shuts nobody out, and is live', async ({ page }) => {
  await page.goto('./')
  await door(page).expectInside()
  await expect(page.getByText('Live', { exact: true })).toBeAttached()
  await expectAccessible(page)
})

test('an address that leads nowhere says so, inside of the dashboard', async ({ page }) => {
  await page.goto('nothing/of/that/name')
  await expect(page.getByText('There is nothing here')).toBeVisible()
})

for (const place of ['./', './nodes']) {
  test(`what ${place} asks ahead of its code is what the code wants`, async ({ page }) => {
    await page.goto(place)
    const left = () => page.evaluate<string[] | null>('globalThis.carlAhead ? [...carlAhead.keys()] : null')
    await expect.poll(left).toEqual([])
  })
}
