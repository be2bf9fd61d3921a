import {
  answerFromTitles,
  goodKey,
  type ModelProvider,
  startModelProvider,
} from '../testbed/model-provider.ts'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test.describe.configure({ mode: 'serial' })

let provider: ModelProvider

test.beforeAll(async ({ product }) => {
  provider = await startModelProvider()
  // Words of a model with two that do not hold: a number and a quote that are nowhere in the run.
  provider.answerWith((asked) => {
    const said = answerFromTitles(asked) as { happened?: unknown[] } | null
    said?.happened?.push(
      { text: 'It has failed 4711 times.', evidence: ['F1'], quotes: [] },
      { text: 'The log says so.', evidence: ['F1'], quotes: ['the disk is on fire'] },
    )
    return said
  })
  await product.drive.client.settings.change({ body: { outgoingHosts: [new URL(provider.url).host] } })
})
test.afterAll(async ({ product }) => {
  const { client } = product.drive
  const { setup } = await client.ai.get({})
  await client.ai.setUp({ body: { ...setup, driver: 'none' } })
  await client.costs.setBudget({ body: { limit: 'day' } })
  await provider.stop()
})

test('somebody lets Claude explain: enters a key, tries it, and sees what that cost', async ({
  page,
  product,
}) => {
  await page.goto('settings?tab=ai')
  await page.getByRole('radio', { name: /^Claude By the API/ }).check()
  await page.getByLabel('Address').fill(provider.url)
  await page.getByLabel('Gather for, seconds').fill('0')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved and in force')).toBeVisible()

  await page.getByLabel('Key', { exact: true }).fill('sk-ant-a-wrong-one')
  await page.getByRole('button', { name: 'Save key' }).click()
  await page.getByRole('button', { name: 'Try the model' }).click()
  await expect(page.getByText('claude-haiku-5-5 cannot be used yet')).toBeVisible()

  await page.getByLabel('Key', { exact: true }).fill(goodKey)
  await page.getByRole('button', { name: 'Replace key' }).click()
  await expect(page.getByText('The key is stored').last()).toBeVisible()
  await page.getByRole('button', { name: 'Try the model' }).click()
  await expect(page.getByText('claude-haiku-5-5 is ready')).toBeVisible()
  await expect(page.getByText(/This call cost \$0\.000/)).toBeVisible()
  await expectAccessible(page)
  expect(product.said()).not.toContain(goodKey)
})

test('a run is explained with evidence to follow and what was not true left out, then asked about, each at a price', async ({
  page,
  product,
  sshd,
}) => {
  const node = await product.drive.addNode(sshd, { name: 'nas-explained' })
  const { id } = await product.drive.run('faults', node.id)
  await page.goto(`executions/${id}`)
  const panel = page.getByRole('region', { name: 'What it means' })
  await expect(panel.getByText('backup.service is not well').first()).toBeVisible()
  await expect(panel.getByText(/^2 statements were left out/)).toBeVisible()
  await expect(panel).not.toContainText('4711')
  await expect(panel).not.toContainText('on fire')
  await expect(panel.getByText(/By claude-haiku-5-5, cost \$0\.000/)).toBeVisible()
  await expectAccessible(page)

  await panel.getByRole('link', { name: 'backup.service is not well' }).first().click()
  await expect(page).toHaveURL(/#/)
  await expect(page.locator(':target')).toContainText('backup.service is not well')

  await panel.getByRole('button', { name: 'What was sent' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('backup.service')
  await expect(dialog).not.toContainText('nas-explained')
  await expectAccessible(page)
  await page.keyboard.press('Escape')

  await panel.getByLabel('Ask about this report').fill('Why did this start on Tuesday?')
  await panel.getByRole('button', { name: 'What would it cost?' }).click()
  await expect(panel.getByText(/about \$0\.\d+, at most \$0\.\d+/)).toBeVisible()
  await panel.getByRole('button', { name: 'Ask', exact: true }).click()
  const reply = panel.getByRole('article').filter({ hasText: 'Why did this start on Tuesday?' })
  await expect(reply.getByText('/var is not well').first()).toBeVisible()
  await expect(reply.getByText(/By claude-haiku-5-5, cost \$0\.000/)).toBeVisible()
  await expectAccessible(page)

  await page.getByRole('tab', { name: 'Cost' }).click()
  await expect(page.getByRole('table', { name: 'Calls of models' }).getByRole('row')).toHaveCount(3)
})

test('at the limit of the day a run ends by rules alone, and says when models are asked again', async ({
  page,
  product,
  sshd,
}) => {
  await page.goto('costs')
  await page.getByRole('tab', { name: 'Limits' }).click()
  await page.getByRole('button', { name: 'Change: A day' }).click()
  await page.getByLabel('Limit in US dollars').fill('0')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('dialog')).toBeHidden()

  const asked = provider.requests.length
  const node = await product.drive.addNode(sshd, { name: 'nas-at-the-limit' })
  const { id } = await product.drive.run('faults', node.id)
  await page.goto(`executions/${id}`)
  await expect(page.getByText('Succeeded').first()).toBeVisible()
  await expect(page.getByRole('region', { name: 'Findings' }).getByRole('article')).toHaveCount(2)
  const panel = page.getByRole('region', { name: 'What it means' })
  await expect(panel.getByText(/a spending limit is reached\. It may be asked again from/)).toBeVisible()
  await expectAccessible(page)
  expect(provider.requests.length).toBe(asked)
})

test('a node is taken out on its page, and its reports stay whole', async ({ page, product, sshd }) => {
  const node = await product.drive.addNode(sshd, { name: 'diary' })
  await page.goto(`nodes/${node.id}?tab=settings`)
  await page.getByRole('switch', { name: 'Never ask a model about this node' }).check()
  await expect(page.getByText('Saved and in force')).toBeVisible()
  await expectAccessible(page)
  const { id } = await product.drive.run('faults', node.id)
  await page.goto(`executions/${id}`)
  await expect(page.getByText('AI is off.')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Findings' }).getByRole('article')).toHaveCount(2)
})
