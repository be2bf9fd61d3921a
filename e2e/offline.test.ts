import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from '@playwright/test'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'
import { keptIn } from './kept.ts'
import { door } from './pages/door.ts'
import { administrator } from './product.ts'
import type { Troubles } from './troubles.ts'

test.use({ serviceWorkers: 'allow' })

const dist = resolve(import.meta.dirname, '../dist')

/** A server that is away is the matter of these journeys. */
function allowAway(troubles: Troubles): void {
  troubles.allow(/failed: net::ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED|EMPTY_RESPONSE|FAILED)$/)
  // 503 is what a server says that is stopping.
  troubles.allow(/ 50[234]$/)
  troubles.allow(/^console error: WebSocket connection to /)
}

/** Waits until this device could show the page without the server. */
async function untilKept(page: Page, what: string): Promise<void> {
  const isKept = async () => {
    const { cached, records } = await keptIn(page)
    return cached.includes('data-kept="yes"') && records.includes(what)
  }
  await expect.poll(isKept).toBe(true)
}

// In the browser: its worker is the only one, and has kept its build.
const hasTakenOver = `(async () => {
  const { installing, waiting } = await navigator.serviceWorker.getRegistration()
  const names = await caches.keys()
  return !installing && !waiting && names.some((name) => name.endsWith(' 0123456789ab'))
})()`

const buildOf = (page: Page) => page.locator('html').getAttribute('data-build')

test('the browser would install it, with its place, its icons and its shortcuts', async ({
  page,
  product,
}) => {
  await page.goto('./')
  await door(page).expectInside()
  const browser = await page.context().newCDPSession(page)
  const { url, data, errors } = await browser.send('Page.getAppManifest')
  expect([url, errors]).toEqual([`${product.url}manifest.webmanifest`, []])
  const { installabilityErrors } = await browser.send('Page.getInstallabilityErrors')
  // Every context of a test is a private window, and nothing is installed from those.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([])

  const manifest = JSON.parse(data ?? '') as Record<'icons' | 'shortcuts', { src: string; url: string }[]>
  for (const { src } of manifest.icons) expect((await page.request.get(src)).ok()).toBe(true)
  for (const shortcut of manifest.shortcuts) {
    await page.goto(shortcut.url)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  }
  await page.goto('settings?tab=appearance')
  await expect(page.getByText('In the menu of the browser')).toBeVisible()
  await expectAccessible(page)
})

test('without the server the last state is there with its age, nothing can be changed, and nobody else sees it', async ({
  page,
  context,
  product,
  sshd,
  troubles,
}, { project }) => {
  // Lost and found again, four persons in a row.
  test.slow()
  const name = `pocket-${project.name}`
  const node = await product.drive.addNode(sshd, { name })
  await page.goto(`nodes/${node.id}`)
  await expect(page.getByRole('heading', { name })).toBeVisible()
  const lookedAt = `"nodes","get",{"params":{"id":"${node.id}"}}`
  await untilKept(page, lookedAt)
  await page.goto('./')
  await door(page).expectInside()
  await untilKept(page, '"nodes","list"')

  allowAway(troubles)
  await context.setOffline(true)
  await page.reload()
  const bar = page.getByText(/The server cannot be reached\. What you see is from \d/)
  await expect(bar).toBeVisible()
  await page.goto(`nodes/${node.id}`)
  await expect(page.getByRole('heading', { name })).toBeVisible()
  await expect(bar).toBeVisible()
  await expectAccessible(page)

  const tests = page.getByRole('button', { name: 'Test', exact: true })
  await expect(tests).toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('Tab')
  await tests.focus()
  await expect(page.getByRole('tooltip')).toContainText('The server cannot be reached')
  // What has no button of its own says it when it is tried.
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Pause' }).click()
  await expect(page.getByText('The server cannot be reached', { exact: true })).toBeVisible()
  await page.goto('settings?tab=account')
  await expect(page.getByRole('button', { name: 'Change password' })).toHaveAttribute('aria-disabled', 'true')

  await context.setOffline(false)
  await expect(bar).toHaveCount(0)
  await expect(page.getByText('Live', { exact: true })).toBeAttached()
  await expect(page.getByRole('button', { name: 'Change password' })).not.toHaveAttribute('aria-disabled')
  // Nothing was kept back to be sent now.
  expect((await product.drive.client.nodes.get({ params: { id: node.id } })).paused).toBe(false)

  const ben = { name: `ben-of-${name}`, role: 'viewer' } as const
  const { password } = await product.drive.client.users.create({ body: ben })
  // A page that is open asks for more just now, and between two sessions it would ask as nobody.
  await page.goto('about:blank')
  await context.clearCookies()
  await context.addCookies([await product.signInAs({ name: ben.name, password })])
  await page.goto('./')
  await untilKept(page, ben.name)
  expect((await keptIn(page)).records).not.toContain(lookedAt)

  await context.clearCookies()
  await page.goto('./')
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  await expect.poll(() => keptIn(page)).toMatchObject({ records: '[]', caches: [] })

  await door(page).signIn({ name: ben.name, password })
  await untilKept(page, ben.name)
  await door(page).signOut()
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  await expect.poll(() => keptIn(page)).toMatchObject({ records: '[]', caches: [] })
})

test.describe('on a server of its own', () => {
  test.use({ isSignedIn: false })

  test('a new build takes over with the next page, and is the one that is kept', async ({
    page,
    unclaimed,
    troubles,
  }, testInfo) => {
    test.slow()
    allowAway(troubles)
    await page.goto(unclaimed.setupLink ?? '')
    await page.getByLabel('Name').fill(administrator.name)
    await page.getByLabel('Password', { exact: false }).first().fill(administrator.password)
    await page.getByLabel('Password again').fill(administrator.password)
    await page.getByRole('button', { name: 'Make the administrator' }).click()
    await expect(page.getByRole('heading', { name: 'Add your first node' })).toBeVisible()
    await page.goto(unclaimed.url)
    await door(page).expectInside()
    await untilKept(page, administrator.name)
    const before = await buildOf(page)

    await page.goto(`${unclaimed.url}approvals`)
    await untilKept(page, '"plans","pages"')
    await page.goto(`${unclaimed.url}settings?tab=account`)
    await page.getByLabel('Current password').fill(administrator.password)
    await page.getByLabel('New password').fill('juniper-kite-17-canal')
    await page.getByRole('button', { name: 'Change password' }).click()
    await expect(page.getByText('The password is changed')).toBeVisible()
    await expect.poll(async () => (await keptIn(page)).records).not.toContain('"plans","pages"')
    await page.goto(unclaimed.url)
    await untilKept(page, '"nodes","list"')

    await unclaimed.halt()
    await page.goto(`${unclaimed.url}agents`)
    await expect(page.getByText(/The server cannot be reached/)).toBeVisible()

    const next = resolve(dist, `../.cache/e2e/next-${testInfo.project.name}`)
    makeNextBuild(next)
    try {
      await unclaimed.resume(next)
      await expect(page.getByText('Live', { exact: true })).toBeAttached()
      expect(await buildOf(page)).toBe(before)
      await page.getByRole('link', { name: 'Nodes' }).first().click()
      await expect.poll(() => buildOf(page)).toBe('0123456789ab')
      await expect.poll(() => page.evaluate<boolean>(hasTakenOver)).toBe(true)
      // What the worker before was still keeping is gone with the next page.
      await page.reload()
      await expect
        .poll(async () => (await keptIn(page)).caches)
        .toEqual([expect.stringMatching(/ 0123456789ab$/)])
      await untilKept(page, administrator.name)
      await unclaimed.halt()
      await page.reload()
      await expect(page.getByText(/The server cannot be reached/)).toBeVisible()
      expect(await buildOf(page)).toBe('0123456789ab')
    } finally {
      rmSync(next, { recursive: true, force: true })
    }
  })
})

/** The same product under the name of another build. */
function makeNextBuild(folder: string): void {
  cpSync(dist, folder, { recursive: true, filter: (file) => !file.endsWith('.map') })
  // By what it says of itself: the server before may be one that was built elsewhere.
  const page = readFileSync(join(folder, 'web/index.html'), 'utf8')
  const [, before = ''] = /data-build="([^"]+)"/.exec(page) ?? []
  for (const name of ['index.html', 'worker.js']) {
    const file = join(folder, 'web', name)
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(before, '0123456789ab'))
    for (const packed of ['.br', '.gz']) rmSync(`${file}${packed}`, { force: true })
  }
}
