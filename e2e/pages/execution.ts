import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'

/** The page of one execution. */
export const executionPage = (page: Page) => ({
  /** Its state, in the head of the page. */
  state: (word: string) => page.locator('header').getByText(word, { exact: true }),

  findings: () => page.getByRole('region', { name: 'Findings' }).getByRole('article'),

  async open(tab: 'Overview' | 'Timeline' | 'Log' | 'Commands'): Promise<void> {
    await page.getByRole('tab', { name: tab }).click()
  },

  /** Stops it, once asked whether that is meant. */
  async stop(): Promise<void> {
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Stop it' }).click()
  },

  /** What an entry of the export menu saves. */
  async download(what: string): Promise<string> {
    await page.getByRole('button', { name: 'Export' }).click()
    const saved = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: what }).click()
    return readFile(await (await saved).path(), 'utf8')
  },
})
