import { agentId } from '../contract/ids.ts'
import { startHttpTarget, startMailTarget } from '../testbed/message-targets.ts'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test('a channel is added and tried, and the next finding arrives by mail and at a web server', async ({
  page,
  product,
  sshd,
}, { project }) => {
  const { client } = product.drive
  const [mail, http] = await Promise.all([startMailTarget(), startHttpTarget()])
  const node = await product.drive.addNode(sshd, { name: `nas-of-messages-${project.name}` })
  const before = await client.settings.get()
  const allowed = [`127.0.0.1:${mail.port}`, `127.0.0.1:${http.port}`]
  await client.settings.change({ body: { outgoingHosts: [...before.outgoingHosts, ...allowed] } })

  await page.goto('settings?tab=notifications')
  await page.getByRole('button', { name: 'Add channel' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Kind').selectOption('email')
  await dialog.getByLabel('Name', { exact: true }).fill(`Mail ${project.name}`)
  await dialog.getByLabel(/^Host/).fill('127.0.0.1')
  await dialog.getByLabel(/^Port/).fill(String(mail.port))
  await dialog.getByLabel('Encryption').selectOption('none')
  await dialog.getByLabel(/^From/).fill('carl@home.lan')
  await dialog.getByLabel(/^To/).fill('anna@home.lan')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Send a test' }).click()
  await expect(dialog.getByText(/Taken by the other side/)).toBeVisible()
  expect(mail.mails).toHaveLength(1)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()

  await page.getByRole('button', { name: 'Add channel' }).click()
  await dialog.getByLabel('Kind').selectOption('ntfy')
  await dialog.getByLabel('Name', { exact: true }).fill(`Phone ${project.name}`)
  await dialog.getByLabel(/^Server/).fill(http.url)
  await dialog.getByLabel(/^Topic/).fill('carl')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()

  await page.getByRole('button', { name: 'Add route' }).click()
  const channels = page.getByRole('group', { name: 'Channels' }).last()
  for (const name of [`Mail ${project.name}`, `Phone ${project.name}`]) {
    await channels.getByRole('checkbox', { name }).check()
  }
  // The one that is offered first is another's.
  await channels.getByRole('checkbox', { name: 'canary: mail' }).uncheck()
  await page.getByLabel('Gather for (seconds)').fill('0')
  await page.getByRole('button', { name: 'Save rules' }).click()
  await expect(page.getByText('Saved and in force').first()).toBeVisible()
  await expectAccessible(page)

  const { executions } = await client.executions.start({
    body: {
      agentId: agentId.parse('faults'),
      targets: [node.id],
      options: { found: ['disk.full /srv'] },
    },
  })
  for (const { id } of executions) await product.drive.untilEnded(id)
  const title = `New on ${node.name}: /srv is not well`
  await expect(page.getByText(title, { exact: true })).toHaveCount(2, { timeout: 20_000 })
  await expect.poll(() => [mail.mails.length, http.heard.length], { timeout: 20_000 }).toEqual([2, 1])
  expect(mail.mails[1]?.raw).toContain(`Subject: [Carl] ${title}`)
  const { click } = JSON.parse(http.heard[0]?.body ?? '') as { click: string }

  // The link opens the page about it, and does nothing else.
  await page.goto(click)
  await expect(page.getByText('/srv is not well').first()).toBeVisible()
  await client.settings.change({ body: { outgoingHosts: before.outgoingHosts } })
  await Promise.all([mail.stop(), http.stop()])
})
