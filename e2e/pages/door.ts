import { expect, type Page } from '@playwright/test'

/** The sign-in page, and the way out. */
export const door = (page: Page) => ({
  async open(): Promise<void> {
    await page.goto('login')
    await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  },

  async signIn({ name, password }: { name: string; password: string }): Promise<void> {
    await page.getByLabel('Name').fill(name)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  },

  async signOut(): Promise<void> {
    await page.getByRole('button', { name: 'Your account' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
  },

  /** Waits until the inside of the dashboard shows. */
  async expectInside(): Promise<void> {
    await expect(page.getByRole('navigation', { name: 'Main navigation' }).first()).toBeVisible()
  },
})
