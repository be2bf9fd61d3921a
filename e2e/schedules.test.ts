import { startHttpTarget, startMailTarget } from '../testbed/message-targets.ts'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test('a schedule is made of fields, shows when it runs, runs, and tells what became of it', async ({
  page,
  product,
  sshd,
}, { project }) => {
  // It is watched until its minute comes.
  test.setTimeout(150_000)
  await product.drive.addNode(sshd, { name: 'nas-of-schedules' })
  const [mail, http] = await Promise.all([startMailTarget(), startHttpTarget()])
  const { client } = product.drive
  const before = await client.settings.get()
  const allowed = [`127.0.0.1:${mail.port}`, `127.0.0.1:${http.port}`]
  await client.settings.change({ body: { outgoingHosts: [...before.outgoingHosts, ...allowed] } })
  const post = await client.notifications.addChannel({
    body: {
      name: `mail of schedules ${project.name}`,
      settings: {
        kind: 'email',
        host: '127.0.0.1',
        port: mail.port,
        security: 'none',
        from: 'carl@home.lan',
        to: ['anna@home.lan'],
      },
    },
  })
  // Journeys before this one may have left some on the machine that they share.
  const left = await client.schedules.list({ query: {} })
  for (const { id } of left.items) await client.schedules.remove({ params: { id } })
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
  // Whom it tells is what a document says.
  const { items } = await client.schedules.list({ query: { search: 'Every minute' } })
  for (const { id } of items) {
    const notifications = { webhook: `${http.url}/of-the-schedule`, channel: post.name, on: 'run.succeeded' }
    await client.schedules.change({ params: { id }, body: { notifications } })
  }
  const history = page.getByRole('region', { name: 'What became of it' })
  // Its minute comes within one.
  await expect(history.getByText('Ran', { exact: true }).first()).toBeVisible({ timeout: 70_000 })
  await expect(history.getByText(/1 of 1 succeeded/).first()).toBeVisible({ timeout: 20_000 })
  await expectAccessible(page)

  await expect
    .poll(() => [mail.mails.length > 0, http.heard[0]?.path], { timeout: 90_000 })
    .toEqual([true, '/of-the-schedule'])
  expect(mail.mails[0]?.raw).toContain('Subject: [Carl]')

  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByText('Paused', { exact: true })).toBeVisible()
  await expect(page.getByText('It does not run again.')).toBeVisible()

  await history.getByRole('link', { name: '1 of 1 succeeded' }).first().click()
  await expect(page.getByText('schedule:Every minute').first()).toBeVisible()
  await client.settings.change({ body: { outgoingHosts: before.outgoingHosts } })
  await client.notifications.removeChannel({ params: { id: post.id } })
  await Promise.all([mail.stop(), http.stop()])
})

test('two schedules in each other’s way are seen while the second is made, and moved apart in the calendar', async ({
  page,
  product,
  sshd,
}, { project }) => {
  const node = await product.drive.addNode(sshd, { name: `nas-of-conflicts-${project.name}` })
  const first = await product.drive.client.schedules.create({
    body: {
      name: `First ${project.name}`,
      timing: { kind: 'cron', cron: '0 7 * * *' },
      zone: 'UTC',
      agentId: 'hello',
      targets: [node.name],
    },
  })
  await page.goto('schedules/new')
  await page.getByLabel('Name').fill(`Second ${project.name}`)
  await page.getByLabel('Agent').selectOption({ label: 'Hello' })
  await page.getByLabel('Nodes').fill(`${node.name},`)
  await page.getByLabel('Time zone').selectOption('UTC')
  const conflicts = page.getByRole('region', { name: 'In each other’s way' })
  await expect(conflicts.getByText(new RegExp(`First ${project.name} and This one`))).toBeVisible()
  await expect(conflicts.getByRole('button', { name: /^Use instead: Every day at/ })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'New schedule' }).click()
  await expect(page.getByRole('heading', { name: `Second ${project.name}`, level: 1 })).toBeVisible()

  await page.goto('schedules/calendar')
  await expect(conflicts.getByText(new RegExp(`Second ${project.name}`)).first()).toBeVisible()
  await conflicts.getByRole('button', { name: 'Spread them' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText(`Second ${project.name}`)).toBeVisible()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: /^Change \d+ schedules?$/ }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText(new RegExp(`First ${project.name} and Second ${project.name}`))).toHaveCount(0)
  const { items } = await product.drive.client.schedules.list({ query: { search: `Second ${project.name}` } })
  expect(items[0]?.timing).not.toEqual(first.timing)
  for (const { id } of [first, ...items]) await product.drive.client.schedules.remove({ params: { id } })
})

test('a trigger is made, its address is shown once, is called from elsewhere, and what came of it is told', async ({
  page,
  product,
  sshd,
}, { project }) => {
  const node = await product.drive.addNode(sshd, { name: `nas-of-triggers-${project.name}` })
  const name = `Called ${project.name}`
  await page.goto('schedules/triggers')
  await page.getByRole('link', { name: 'New trigger' }).first().click()
  await page.getByLabel('Name').fill(name)
  await page.getByRole('radio', { name: /A call from elsewhere/ }).check()
  await page.getByRole('switch', { name: 'Only calls that are signed' }).uncheck()
  await page.getByRole('combobox', { name: /^Agent/ }).selectOption({ label: 'Hello' })
  await page.getByRole('combobox', { name: /^Nodes/ }).fill(`${node.name},`)
  await expectAccessible(page)
  await page.getByRole('button', { name: 'New trigger' }).click()

  const dialog = page.getByRole('dialog')
  const address = await dialog.getByText(/\/api\/v1\/hooks\//).innerText()
  await expectAccessible(page)
  expect((await page.request.post(address, { headers: { origin: new URL(address).origin } })).status()).toBe(
    202,
  )
  await dialog.getByRole('button', { name: 'I have copied them' }).click()

  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible()
  const history = page.getByRole('region', { name: 'What came of it' })
  await expect(history.getByText('Fired', { exact: true })).toBeVisible()
  await expect(history.getByText('1 of 1 succeeded')).toBeVisible({ timeout: 20_000 })
  // Too soon, which is told as well.
  await page.request.post(address, { headers: { origin: new URL(address).origin } })
  await expect(history.getByText(/It had fired shortly before/)).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByText('Paused', { exact: true })).toBeVisible()
  await page.goto('schedules/triggers')
  await expect(page.getByRole('link', { name })).toBeVisible()
  const { items } = await product.drive.client.triggers.list()
  for (const { id } of items) await product.drive.client.triggers.remove({ params: { id } })
})
