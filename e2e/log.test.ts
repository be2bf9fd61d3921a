import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test.setTimeout(240_000)

const list = (page: Page) => page.getByRole('list', { name: 'Log lines' })
/** The rows that are drawn, by their number. */
const drawn = (page: Page): Promise<[seq: number, text: string][]> =>
  page.evaluate(`[...document.querySelectorAll('[data-seq]:has([data-text])')].map((row) => [
    Number(row.dataset.seq),
    row.querySelector('[data-text]').textContent,
  ])`)
const lastDrawn = async (page: Page) => Math.max(0, ...(await drawn(page)).map(([seq]) => seq))

test('50,000 lines come whole through a socket that is cut again and again', async ({
  page,
  context,
  product,
  sshd,
  troubles,
  isMobile,
}) => {
  // Rolling through so much is the same on a phone, only longer.
  test.skip(isMobile)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const sockets = new Set<{ close(): Promise<void> }>()
  await page.routeWebSocket(/\/api\/v1\/live/, (socket) => {
    socket.connectToServer()
    sockets.add(socket)
  })
  const node = await product.drive.addNode(sshd, { name: 'nas-of-many-lines' })
  const { id } = await product.drive.run('counts', node.id, { count: 50_000, everyMs: 0 })
  await page.goto(`executions/${id}?tab=log`)
  const complete = page.getByText(/^Complete, /)

  for (let cut = 1; cut <= 6 && !(await complete.isVisible()); cut++) {
    const before = await lastDrawn(page)
    await expect
      .poll(async () => (await lastDrawn(page)) > before || (await complete.isVisible()), { timeout: 60_000 })
      .toBe(true)
    for (const socket of sockets) await socket.close()
    sockets.clear()
  }
  troubles.allow(/ERR_INTERNET_DISCONNECTED/)
  await context.setOffline(true)
  await expect(page.getByText(/cannot be reached|Offline|Reconnecting/).first()).toBeAttached()
  await context.setOffline(false)
  await expect(complete).toBeVisible({ timeout: 120_000 })

  const entries = await product.drive.logOf(id)
  const last = entries.length
  await expect(complete).toHaveText(`Complete, ${last.toLocaleString('en-GB')} lines`)

  // Copied: from the first number to the last, with the keyboard and the mouse.
  await list(page).focus()
  await page.keyboard.press('Home')
  await page.getByRole('button', { name: 'Line 1', exact: true }).click()
  await list(page).focus()
  await page.keyboard.press('End')
  await page.getByRole('button', { name: `Line ${last}`, exact: true }).click({ modifiers: ['Shift'] })
  await page.getByRole('button', { name: 'Copy lines' }).click()
  await expect(page.getByText('Copied', { exact: true })).toBeAttached()
  const copied = await page.evaluate<string>('navigator.clipboard.readText()')
  expect(copied.split('\n')).toEqual(entries.map(({ text }) => text))

  // Rolled through: every number is on the screen, each once, with its own text.
  await page.setViewportSize({ width: 1280, height: 6_000 })
  await list(page).focus()
  await page.keyboard.press('Home')
  const seen = new Map<number, string>()
  for (let next = 1; next <= last; ) {
    await expect
      .poll(async () => (await drawn(page)).some(([seq]) => seq === next), { timeout: 30_000 })
      .toBe(true)
    const rows = await drawn(page)
    expect(new Set(rows.map(([seq]) => seq)).size).toBe(rows.length)
    for (const [seq, text] of rows) seen.set(seq, text)
    while (seen.has(next)) next += 1
    // Lines that are still on their way have a place; only when all of these have come is it time to go on.
    const lowest = Number(await list(page).locator('[data-seq]').last().getAttribute('data-seq'))
    if (next > lowest && next <= last) await page.keyboard.press('PageDown')
  }
  expect([...seen.values()]).toHaveLength(last)
  // Compared at once: fifty thousand expectations, each noted for the trace, would take minutes.
  expect(entries.filter(({ seq, text, stream }) => stream !== 'gap' && seen.get(seq) !== text)).toEqual([])
})

test('a log is searched, filtered, marked and downloaded, and its address says how it is looked at', async ({
  page,
  product,
  sshd,
  isMobile,
}) => {
  const node = await product.drive.addNode(sshd, { name: 'nas-of-the-log' })
  const { id } = await product.drive.run('counts', node.id, { count: 300, everyMs: 0 })
  await product.drive.untilEnded(id)
  await page.goto(`executions/${id}?tab=log`)
  await expect(list(page).getByText('line 1', { exact: true })).toBeVisible()
  await expectAccessible(page)

  await list(page).focus()
  await page.keyboard.press('/')
  await page.keyboard.type('line 29')
  await expect(page.getByText('11 lines')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByText('1 of 11')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(list(page).getByText('line 290', { exact: true })).toBeVisible()
  await expect(page).toHaveURL(/search=line(\+|%20)29/)
  await page.keyboard.press('Escape')

  await page.getByLabel('Stream').selectOption('Steps of this server')
  await expect(list(page).getByText(/^Connected to/)).toBeVisible()
  await expect(list(page).getByText('line 1', { exact: true })).toBeHidden()
  await expect(page).toHaveURL(/stream=server/)
  await page.getByLabel('Stream').selectOption('All streams')

  await page.goto(`executions/${id}?tab=log&line=150`)
  await expect(page.getByText('Line 150', { exact: true })).toBeVisible()
  const line = list(page).locator('[data-seq="150"]')
  await expect(line).toBeInViewport()
  if (!isMobile) {
    await list(page).focus()
    await page.keyboard.press('Shift+ArrowDown')
    await expect(page).toHaveURL(/line=150&to=151/)
  }
  await expectAccessible(page)

  const downloading = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download the whole log as text' }).click()
  const file = await (await downloading).path()
  expect(readFileSync(file, 'utf8')).toContain(' out    line 300\n')
})
