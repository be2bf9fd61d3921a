import type { Page } from '@playwright/test'
import { expect, test } from './journey.ts'
import { door } from './pages/door.ts'
import { startDemo } from './product.ts'

// Its node, its execution and its report come about before the link is printed.
test.setTimeout(90_000)
test.use({ isSignedIn: false })

/** A text of the page itself, and not of a list that is shut. */
const seen = (page: Page, text: string) =>
  page.getByRole('main').getByText(text).filter({ visible: true }).first()

test('the link of the demo opens the dashboard on this machine, once', async ({ page, troubles }) => {
  const demo = await startDemo()
  try {
    const url = demo.link.replace(/welcome#.*/, '')
    await page.goto(demo.link)
    await door(page).expectInside()
    expect(page.url()).toBe(url)
    await page.goto(`${url}nodes`)
    await expect(seen(page, 'this machine')).toBeVisible()
    await page.goto(`${url}executions`)
    await expect(seen(page, 'System Health')).toBeVisible()

    await page.goto(url)
    await door(page).signOut()
    await expect(page).toHaveURL(/\/login$/)
    troubles.allow(/^POST \S+\/session\/link 401$/)
    await page.goto(demo.link)
    await expect(page.getByRole('alert')).toContainText('used already')
  } finally {
    await demo.stop()
  }
})
