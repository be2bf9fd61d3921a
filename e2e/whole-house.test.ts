import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test('what two runs said is found, told in order, and compared', async ({ page, product, sshd }, {
  project,
}) => {
  const mark = `petrichor-${project.name.replace(/\W/g, '-')}`
  const node = await product.drive.addNode(sshd, { name: mark, tags: [mark] })
  const runs = []
  for (const name of [mark, `${mark} again`]) {
    const { id } = await product.drive.run('hello', node.id, { name })
    await product.drive.untilEnded(id)
    runs.push(id)
  }

  await page.goto('./')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Command palette' }).fill(`${mark} again`)
  await page.getByRole('option', { name: /Search everything for/ }).click()
  await expect(page).toHaveURL(/\/search\?text=/)
  const logs = page.getByRole('region', { name: 'Logs' })
  await expect(logs.getByText('again').first()).toBeVisible()
  await expectAccessible(page)
  await logs.getByRole('link').first().click()
  await expect(page).toHaveURL(/\/executions\/exe_\w+\?tab=log&line=\d+/)

  await page.goto(`nodes/${node.id}?tab=story`)
  await expect(page.getByText('2 things changed')).toBeVisible()
  await expect(page.getByRole('img', { name: /^visits: from/ })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('combobox', { name: 'What to tell' }).selectOption('Changes')
  await expect(page).toHaveURL(/kind=change/)
  await expect(page.getByRole('link', { name: 'node.created' })).toHaveCount(0)

  await page.goto(`compare?tab=executions&a=${runs[0]}&b=${runs[1]}`)
  const facts = page.getByRole('region', { name: 'Facts that differ' })
  await expect(facts.getByRole('row', { name: /host.visits 1 2/ })).toBeVisible()
  await page.getByRole('tab', { name: 'One fact everywhere' }).click()
  await page.getByRole('combobox', { name: 'Agent' }).selectOption('hello')
  await page.getByRole('combobox', { name: 'Fact', exact: true }).fill('host.name')
  await page.getByRole('combobox', { name: 'Fact', exact: true }).press('Enter')
  await expect(page.getByRole('row').filter({ hasText: `${mark} again` })).toBeVisible()
  await expectAccessible(page)
})

test('a node stands in the picture behind its jump host, and an agent that is dropped on it is run', async ({
  page,
  product,
  sshd,
}, { project }) => {
  const mark = `rack-${project.name.replace(/\W/g, '-')}`
  const gate = await product.drive.addNode(sshd, { name: `gate-of-${mark}`, tags: [mark] })
  await product.drive.client.nodes.create({
    body: {
      name: `behind-${mark}`,
      host: '127.0.0.1',
      username: 'carl',
      jumpNodeId: gate.id,
      tags: [mark],
      allowedAgents: null,
    },
  })
  await page.goto(`nodes?view=topology&by=tag&tag=${mark}`)
  const group = page.getByRole('region', { name: mark })
  await expect(group.getByRole('link', { name: new RegExp(`behind-${mark}.*through gate`) })).toBeVisible()
  await expectAccessible(page)
  const dialog = page.getByRole('dialog')
  if (project.name === 'desktop') {
    await page
      .getByText('Hello', { exact: true })
      .dragTo(group.getByRole('button', { name: `Run on gate-of-${mark}` }))
  } else {
    await group.getByRole('button', { name: `Run on gate-of-${mark}` }).click()
    await page.getByRole('menuitem', { name: 'Hello' }).click()
  }
  await expect(dialog.getByText(`gate-of-${mark}`).first()).toBeVisible()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'As a table' }).click()
  await expect(page.getByRole('row', { name: new RegExp(`behind-${mark}`) })).toContainText('through gate')
  await expectAccessible(page)
})

test('the home page is arranged, and stays so', async ({ page, product, sshd }, { project }) => {
  await product.drive.addNode(sshd, { name: `at-home-${project.name.replace(/\W/g, '-')}` })
  await page.goto('./')
  await expect(page.getByRole('region', { name: 'Next runs' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Disks that fill up' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Arrange' }).click()
  const dialog = page.getByRole('dialog', { name: 'Arrange the home page' })
  await dialog.getByRole('checkbox', { name: 'Next runs' }).uncheck()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Done' }).click()
  await page.reload()
  await expect(page.getByRole('region', { name: 'Spending' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Next runs' })).toHaveCount(0)
})
