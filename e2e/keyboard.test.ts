import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'
import { keysOf } from './keys.ts'
import { executionPage } from './pages/execution.ts'

/** The command palette, by keys alone. */
const palette = (page: Page) => ({
  async open(): Promise<void> {
    // Keys reach nobody before the page listens.
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
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
  await page.keyboard.press('Escape')

  // A dialog that closes leaves one where one was.
  const run = page.getByRole('button', { name: /^Run\s?: Counts/ })
  await keysOf(page).press(run)
  const dialog = page.getByRole('dialog', { name: 'Run Counts' })
  const nodes = dialog.getByRole('combobox', { name: 'Nodes' })
  await expect(nodes).toBeFocused()
  await expect(dialog).toMatchAriaSnapshot(`
    - dialog "Run Counts":
      - heading "Run Counts" [level=2]
      - button "Close"
      - combobox "Nodes required"
      - button "Cancel"
      - button "Run"
  `)
  await keysOf(page).expectSeen()
  await page.keyboard.press('ArrowDown')
  await expect(nodes).toHaveAttribute('aria-expanded', 'true')
  await page.keyboard.press('Escape')
  await expect(nodes).toHaveAttribute('aria-expanded', 'false')
  await page.keyboard.press('Escape')
  await expect(run).toBeFocused()
})

test('keys alone approve a plan, and a question that is left leads back to where it was asked', async ({
  page,
  product,
  sshd,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'carl-keyboard-'))
  try {
    for (const name of ['old-1', 'old-2']) writeFileSync(join(folder, name), 'text\n')
    const node = await product.drive.addNode(sshd, { name: 'keyboard-shed' })
    const { id } = await product.drive.run('tidies', node.id, { folder })
    await product.drive.untilEnded(id)
    const keys = keysOf(page)
    await page.goto('./')
    await keys.go('p', 'Approvals')
    const plan = page.getByRole('region', { name: 'Plan of Tidies for keyboard-shed' })
    await expect(plan).toMatchAriaSnapshot(`
      - region "Plan of Tidies for keyboard-shed":
        - heading "Tidies" [level=2]
        - checkbox "All that wait" [checked]
        - list:
          - listitem:
            - checkbox "Remove old-1" [checked]
            - button "What exactly"
          - listitem:
            - checkbox "Remove old-2" [checked]
        - button "Only check"
        - button "Reject"
        - button "Approve 2 changes"
    `)
    await keys.press(plan.getByRole('checkbox', { name: 'Remove old-2' }), 'Space')
    const approve = plan.getByRole('button', { name: 'Approve 1 change' })
    await keys.press(approve)
    const question = page.getByRole('alertdialog')
    await expect(question).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(approve).toBeFocused()
    await keys.expectSeen()
    await page.keyboard.press('Enter')
    await keys.press(question.getByRole('button', { name: 'Approve 1 change' }))
    await expect(plan.getByText('done', { exact: true })).toBeVisible({ timeout: 20_000 })
    expect(readdirSync(folder).sort()).toEqual(['old-1.carl-aside', 'old-2'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('keys alone add a node, and trust it', async ({ page, product, sshd }) => {
  // Whose credential is used again.
  const { credentialId } = await product.drive.addNode(sshd, { name: 'keyboard-first' })
  const keys = keysOf(page)
  await page.goto('./')
  await keys.go('n', 'Nodes')
  await expect(page).toHaveTitle('Nodes · Carl')
  await keys.press(page.getByRole('link', { name: 'Add a node' }))
  await keys.type(page.getByRole('textbox', { name: /^Name(?! of)/ }), 'keyboard-second')
  await keys.type(page.getByRole('textbox', { name: /^Address/ }), '127.0.0.1')
  await keys.type(page.getByRole('spinbutton', { name: /^Port/ }), String(sshd.port))
  await keys.type(page.getByRole('textbox', { name: /^User/ }), sshd.username)
  const credential = page.getByRole('combobox', { name: /^Credential/ })
  await keys.goTo(credential)
  const named = await credential.locator(`option[value="${credentialId}"]`).textContent()
  await page.keyboard.type(named ?? 'nobody has it')
  await expect(credential).toHaveValue(credentialId ?? '')
  await keys.press(page.getByRole('button', { name: 'Add the node' }))
  await expect(page.getByRole('heading', { level: 1, name: 'keyboard-second' })).toBeVisible()
  await expect(page).toHaveTitle('keyboard-second · Carl')
  await keys.press(page.getByRole('button', { name: 'Test the connection' }))
  await keys.press(page.getByRole('button', { name: 'It is the same: trust this key' }))
  await expect(page.getByText(/is the confirmed key/)).toBeVisible({ timeout: 20_000 })
})

test('keys alone make a schedule', async ({ page, product, sshd }) => {
  await product.drive.addNode(sshd, { name: 'keyboard-barn' })
  const keys = keysOf(page)
  await page.goto('./')
  await keys.go('t', 'Schedules')
  await keys.press(page.getByRole('link', { name: 'New schedule' }).first())
  await keys.type(page.getByRole('textbox', { name: /^Name/ }), 'By keys')
  const agent = page.getByRole('combobox', { name: /^Agent/ })
  await keys.goTo(agent)
  await page.keyboard.type('Hello')
  await expect(agent).toHaveValue('hello')
  await keys.goTo(page.getByRole('combobox', { name: /^Nodes/ }))
  await page.keyboard.type('keyboard-barn,')
  // Arrows choose among the ways to say when.
  await keys.goTo(page.getByRole('radio', { name: /^At set times/ }))
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('radio', { name: /^At an interval/ })).toBeChecked()
  await page.keyboard.press('ArrowLeft')
  await keys.press(page.getByRole('button', { name: 'New schedule' }))
  await expect(page.getByRole('heading', { level: 1, name: 'By keys' })).toBeVisible()
})

test('keys alone search, and open what was found', async ({ page, product, sshd }) => {
  const node = await product.drive.addNode(sshd, { name: 'keyboard-loft' })
  const folder = mkdtempSync(join(tmpdir(), 'carl-keyboard-'))
  try {
    writeFileSync(join(folder, 'quince-jelly'), 'text\n')
    const { id } = await product.drive.run('tidies', node.id, { folder })
    await product.drive.untilEnded(id)
    const keys = keysOf(page)
    await page.goto('./')
    await palette(page).open()
    await page.keyboard.type('quince-jelly')
    // What is found comes first; to look everywhere stands below it.
    await expect(page.getByRole('option', { name: /^quince-jelly is old/ })).toHaveAttribute(
      'aria-selected',
      'true',
    )
    await page.keyboard.press('ArrowDown')
    await expect(page.getByRole('option', { name: /^Search everything for/ })).toHaveAttribute(
      'aria-selected',
      'true',
    )
    await page.keyboard.press('Enter')
    const findings = page.getByRole('region', { name: 'Findings' })
    await keys.press(findings.getByRole('link', { name: /quince-jelly/ }).first())
    await expect(page).toHaveURL(new RegExp(id))
    await expect(page.getByRole('article').filter({ hasText: 'quince-jelly' }).first()).toBeVisible()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
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

test('whoever listens hears on each page where it is, what there is and where one can go', async ({
  page,
  product,
  sshd,
}) => {
  await product.drive.addNode(sshd, { name: 'keyboard-attic' })
  await page.goto('./')
  await expect(page.getByRole('navigation', { name: 'Main navigation' })).toMatchAriaSnapshot(`
    - navigation "Main navigation":
      - list:
        - listitem:
          - link "Home"
        - listitem:
          - link "Executions"
        - listitem:
          - link "Findings"
        - listitem:
          - link /^Approvals/
        - listitem:
          - link "Nodes"
  `)
  const keys = keysOf(page)
  for (const [key, name, thing] of [
    ['e', 'Executions', page.getByRole('group', { name: 'Filters' })],
    ['f', 'Findings', page.getByRole('group', { name: 'Filters' })],
    ['p', 'Approvals', page.getByRole('tablist')],
    ['n', 'Nodes', page.getByRole('table', { name: 'Nodes by name' })],
    ['a', 'Agents', page.getByRole('link', { name: 'System Health' })],
    ['t', 'Schedules', page.getByRole('link', { name: 'New schedule' }).first()],
    ['c', 'Costs', page.getByRole('tablist')],
    ['s', 'Settings', page.getByRole('tablist')],
  ] as const) {
    await keys.go(key, name)
    await expect(page).toHaveTitle(`${name} · Carl`)
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1)
    await expect(thing).toBeVisible()
  }
  // Before everything else there is a way past it.
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()
  await keys.expectSeen()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('main')).toBeFocused()
})
