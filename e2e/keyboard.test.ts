import type { Page } from '@playwright/test'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'
import { executionPage } from './pages/execution.ts'

/** The command palette, by keys alone. */
const palette = (page: Page) => ({
  async open(): Promise<void> {
    await page.keyboard.press('Control+k')
    await expect(page.getByRole('combobox', { name: 'Command palette' })).toBeFocused()
  },

  /** Types until this is the one that Enter takes, and takes it. */
  async take(typed: string, option: RegExp): Promise<void> {
    await page.keyboard.type(typed)
    await expect(page.getByRole('option', { name: option })).toHaveAttribute('aria-selected', 'true')
    await page.keyboard.press('Enter')
  },
})

test('keys alone start an execution, watch it and stop it', async ({ page, product, sshd }) => {
  // An agent that ignores polite signals takes its time to go.
  test.slow()
  await product.drive.addNode(sshd, { name: 'keyboard-nas' })
  await page.goto('./')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()

  await palette(page).open()
  await expectAccessible(page)
  await palette(page).take('run stubborn', /^Run Stubborn on…/)
  await palette(page).take('keyboard-nas', /^keyboard-nas/)
  await page.waitForURL(/executions\/exe_/)
  await expect(executionPage(page).state('Running')).toBeVisible()

  await palette(page).open()
  await palette(page).take('cancel keyboard-nas', /^Cancel Stubborn on keyboard-nas/)
  await expect(executionPage(page).state('Cancelled')).toBeVisible({ timeout: 30_000 })

  await page.keyboard.press('g')
  await page.keyboard.press('a')
  await expect(page.getByRole('heading', { level: 1, name: 'Agents' })).toBeVisible()
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  await expectAccessible(page)
})

test('an agent says what it reads and may change, and its manual is text', async ({ page }) => {
  await page.goto('agents')
  await expectAccessible(page)
  await page.getByRole('link', { name: 'System Health' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'System Health' })).toBeVisible()
  await expect(page.getByText('Nothing. It reads, reports and leaves.')).toBeVisible()
  await expect(page.getByText('carl ALL=(root) NOPASSWD: CARL_SYSTEM_HEALTH')).toBeAttached()
  await expectAccessible(page)
  await page.getByRole('tab', { name: 'Manual' }).click()
  await expect(page.getByRole('heading', { name: 'How it judges' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('tab', { name: /Options/ }).click()
  await page.getByRole('textbox', { name: /Disk nearly full/ }).fill('120')
  await expect(page.getByText('At most 100.')).toBeVisible()
  await expectAccessible(page)
})
