import { expect, type Locator, type Page } from '@playwright/test'
import { focusFaults, hasFocus } from './in-page/focus-faults.ts'

/** So many stops are more than any page has between its first one and what a journey is about. */
const mostStops = 120

/** What can be done without a pointer. Whoever goes this way sees at every stop where they are. */
export const keysOf = (page: Page) => {
  /** Expects what has the focus to show it, and to be under no bar. */
  async function expectSeen(): Promise<void> {
    expect(await page.evaluate(focusFaults)).toEqual([])
  }

  /** Goes from stop to stop until this one has the focus. */
  async function goTo(target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    await expect(target).toBeVisible()
    for (let stops = 0; stops < mostStops; stops += 1) {
      if (await target.evaluate(hasFocus)) return
      await page.keyboard.press(key)
      await expectSeen()
    }
    throw new Error(`${mostStops} stops do not lead to ${target.toString()}`)
  }

  return {
    expectSeen,
    goTo,

    async press(target: Locator, key = 'Enter'): Promise<void> {
      await goTo(target)
      await page.keyboard.press(key)
    },

    async type(target: Locator, text: string): Promise<void> {
      await goTo(target)
      await page.keyboard.press('Control+A')
      await page.keyboard.type(text)
    },

    /** Goes to a place of the dashboard by its two keys. */
    async go(key: string, heading: string): Promise<void> {
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await page.keyboard.press('g')
      await page.keyboard.press(key)
      await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible()
    },
  }
}
