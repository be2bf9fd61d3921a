import { expect, type Locator, type Page } from '@playwright/test'

/** So many stops are more than any page has between its first one and what a journey is about. */
const mostStops = 120

/** What can be done without a pointer. Whoever goes this way sees at every stop where they are. */
export const keysOf = (page: Page) => {
  /** Expects what has the focus to show it, and to be under no bar. */
  async function expectSeen(): Promise<void> {
    expect(await page.evaluate(whatIsWrongWithFocus)).toEqual([])
  }

  /** Goes from stop to stop until this one has the focus. */
  async function goTo(target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    await expect(target).toBeVisible()
    for (let stops = 0; stops < mostStops; stops += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) return
      await page.keyboard.press(key)
      await expectSeen()
    }
    throw new Error(`${mostStops} stops do not lead to ${target}`)
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
      await page.keyboard.press('g')
      await page.keyboard.press(key)
      await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible()
    },
  }
}

/** Runs in the page. Empty when all is well. */
function whatIsWrongWithFocus(): string[] {
  const focused = document.activeElement
  // Between the last stop and the first lies the window itself.
  if (!focused || focused === document.body) return []
  const name = `<${focused.localName} class="${focused.getAttribute('class') ?? ''}"> “${focused.textContent?.trim().slice(0, 40)}”`
  const faults: string[] = []
  const label = (focused as HTMLInputElement).labels?.[0]
  const near = [focused, ...(label ? [label] : [])]
  for (
    let above = focused.parentElement, steps = 0;
    above && steps < 3;
    above = above.parentElement, steps += 1
  )
    near.push(above)
  const isOutlined = near.some((one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one)
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
  })
  if (!isOutlined) faults.push(`the focus does not show on ${name}`)

  const shown = near.find((one) => one.getBoundingClientRect().width > 2) ?? focused
  const { left, right, top, bottom } = shown.getBoundingClientRect()
  const inside = (from: number, to: number) =>
    [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => from + (to - from) * part)
  const isAnyPartSeen = inside(left, right).some((x) =>
    inside(top, bottom).some((y) => {
      const hit = document.elementFromPoint(x, y)
      return hit && (near.includes(hit) || focused.contains(hit) || shown.contains(hit))
    }),
  )
  if (!isAnyPartSeen) faults.push(`something covers ${name}`)
  return faults
}
