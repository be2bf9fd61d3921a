import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'
import { executionPage } from './pages/execution.ts'

test('a report says what needs somebody, leads to its proof, and can be taken along', async ({
  page,
  product,
  sshd,
}) => {
  test.slow()
  const node = await product.drive.addNode(sshd, { name: 'nas-of-report' })
  const { id } = await product.drive.run('system-health', node.id, { network_probes: false })
  const { verdict } = await product.drive.untilEnded(id)
  await page.goto(`executions/${id}`)
  const execution = executionPage(page)

  await test.step('the verdict is the headline, and nothing on the page stands in the way of anybody', async () => {
    await expect(page.getByRole('heading', { name: 'System Health on nas-of-report' })).toBeVisible()
    await expect(page.getByRole('heading', { name: verdict ?? '' })).toBeVisible()
    await expectAccessible(page)
  })

  await test.step('a finding leads to its line in the log', async () => {
    const finding = execution.findings().first()
    const title = await finding.getByRole('heading').innerText()
    await finding.getByRole('link', { name: 'In the log' }).click()
    await expect(page).toHaveURL(/tab=log&line=\d+/)
    await expect(page.getByText(title).first()).toBeVisible()
  })

  await test.step('where the time went is told as a tree', async () => {
    await execution.open('Timeline')
    await expect(page.getByRole('treeitem', { name: /^host\b.*done/ })).toBeVisible()
    await expectAccessible(page)
  })

  await test.step('what ran on the node is told exactly', async () => {
    await execution.open('Commands')
    await expect(page.getByText('exit 0').first()).toBeVisible()
    await expectAccessible(page)
  })

  await test.step('the report comes along as JSON, CSV and Markdown, the log as text', async () => {
    const json: unknown = JSON.parse(await execution.download('Report as JSON'))
    expect(json).toMatchObject({ executionId: id, verdict })
    expect(await execution.download('Report as CSV')).toMatch(/^kind,severity,/)
    expect(await execution.download('Report as Markdown')).toMatch(/^# nas-of-report/)
    expect(await execution.download('Raw log')).toContain('Connected to')
  })

  await test.step('a finding that is acknowledged keeps quiet', async () => {
    await page.goto('findings')
    const finding = page.getByRole('listitem').filter({ hasText: 'nas-of-report' }).first()
    await finding.getByRole('button', { name: 'Acknowledge' }).click()
    await expect(page.getByText(/^Acknowledged by/).first()).toBeVisible()
    await expectAccessible(page)
  })
})

test('an execution that goes on is stopped with all it has started', async ({ page, product, sshd }) => {
  const node = await product.drive.addNode(sshd, { name: 'nas-of-stopping' })
  const { id } = await product.drive.run('stubborn', node.id)
  await product.drive.until(id, ({ state }) => state === 'running')
  await page.goto(`executions/${id}`)
  const execution = executionPage(page)
  await expect(execution.state('Running')).toBeVisible()
  await expectAccessible(page)
  await execution.stop()
  await expect(execution.state('Cancelled')).toBeVisible({ timeout: 20_000 })
  await expect(page.getByText('Stopped by a person')).toBeVisible()
  await expect(page.getByText(/Had to be killed/)).toBeVisible()
})

test('a node that refuses says why, and where to go', async ({ page, product, sshd }) => {
  const { id: credentialId } = await product.drive.client.credentials.create({
    body: { kind: 'key', name: 'key of nas-unconfirmed', privateKey: sshd.clientKey.reveal() },
  })
  const { id: nodeId } = await product.drive.client.nodes.create({
    body: {
      name: 'nas-unconfirmed',
      host: '127.0.0.1',
      port: sshd.port,
      username: sshd.username,
      credentialId,
      allowedAgents: null,
    },
  })
  const { id } = await product.drive.run('hello', nodeId)
  await product.drive.untilEnded(id)
  await page.goto(`executions/${id}`)
  await expect(page.getByText('The host key of the node is not confirmed yet')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Look at the connection of this node' }).click()
  await expect(page).toHaveURL(new RegExp(`nodes/${nodeId}\\?tab=connection`))
})

test('an execution that never was is told as such', async ({ page, troubles }) => {
  troubles.allow(/^GET \S+\/executions\/exe_0+ 404$/)
  await page.goto('executions/exe_00000000000000000000000000')
  await expect(page.getByText('This execution does not exist')).toBeVisible()
})
