import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test('a schedule is made of fields, shows when it runs, runs, and tells what became of it', async ({
  page,
  product,
  sshd,
}) => {
  // It is watched until its minute comes.
  test.setTimeout(150_000)
  await product.drive.addNode(sshd, { name: 'nas-of-schedules' })
  await page.goto('schedules')
  await expect(page.getByText('Nothing runs by itself yet')).toBeVisible()
  await expectAccessible(page)

  await page.getByRole('link', { name: 'New schedule' }).first().click()
  await page.getByLabel('Name').fill('Every minute')
  await page.getByLabel('Agent').selectOption({ label: 'Hello' })
  await page.getByLabel('Nodes').fill('nas-of-schedules,')
  await page.getByLabel('How often').selectOption('Every few minutes')
  await expect(page.getByLabel('Cron expression', { exact: true })).toHaveValue('*/15 * * * *')
  await page.getByLabel('Time zone').selectOption('Europe/Berlin')
  const next = page.getByRole('region', { name: 'Next runs' })
  await expect(next.getByRole('listitem')).toHaveCount(6)
  await expect(next.getByText(/The clock is set (forward|back) by 60 minutes/)).toBeVisible()
  await expectAccessible(page)
  // A minute that never comes is told before anybody saves it.
  await page.getByLabel('Cron expression', { exact: true }).fill('0 0 31 2 *')
  await expect(page.getByText('This day never comes.')).toBeVisible()
  await page.getByLabel('Cron expression', { exact: true }).fill('* * * * *')
  await page.getByRole('button', { name: 'New schedule' }).click()

  await expect(page.getByRole('heading', { name: 'Every minute', level: 1 })).toBeVisible()
  const history = page.getByRole('region', { name: 'What became of it' })
  // Its minute comes within one.
  await expect(history.getByText('Ran', { exact: true }).first()).toBeVisible({ timeout: 70_000 })
  await expect(history.getByText(/1 of 1 succeeded/).first()).toBeVisible({ timeout: 20_000 })
  await expectAccessible(page)

  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByText('Paused', { exact: true })).toBeVisible()
  await expect(page.getByText('It does not run again.')).toBeVisible()

  await history.getByRole('link', { name: '1 of 1 succeeded' }).first().click()
  await expect(page.getByText('schedule:Every minute').first()).toBeVisible()
})
