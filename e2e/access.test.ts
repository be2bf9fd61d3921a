import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { agentId } from '../contract/ids.ts'
import { canAddUsers, startSshd } from '../testbed/sshd.ts'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

/** What a person does with the block: into a shell of root. */
function pasteOnNode(text: string | null): void {
  const { status, stderr } = spawnSync('sh', { input: text ?? '', encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
}

test('a node is opened by one paste, graded, bound to this server, and granted one agent more', async ({
  page,
  product,
}) => {
  test.skip(!canAddUsers, 'the block is for root')
  const sshd = await startSshd({ config: ['AuthorizedKeysFile .ssh/authorized_keys', 'StrictModes yes'] })
  const username = `carl-${randomBytes(4).toString('hex')}`
  const key = await product.drive.client.credentials.create({
    body: { kind: 'generate', name: 'for the block' },
  })
  let undo = ''
  const block = page.getByRole('region', { name: 'the commands' })
  const pasteIt = async () => {
    pasteOnNode(await block.textContent())
    await page.getByText('To undo all of it, in one line').first().click()
    undo = (await page.getByRole('region', { name: /^To undo/ }).textContent()) ?? ''
  }
  try {
    await page.goto('nodes/new')
    await page.getByRole('tab', { name: 'Prepare the machine by one paste' }).click()
    await page.getByRole('combobox', { name: 'Credential' }).selectOption({ label: 'for the block' })
    await page.getByRole('textbox', { name: 'User to make' }).fill(username)
    await expect(block).toContainText(`id ${username}`)
    await expect(block).toContainText('system-health 1.')
    await expect(block).not.toContainText('hello 1.')
    await expectAccessible(page)
    await pasteIt()

    await page.getByRole('button', { name: 'It is pasted: go on with the form' }).click()
    await page.getByRole('textbox', { name: /^Name(?! of)/ }).fill('enrolled')
    await page.getByRole('textbox', { name: /^Address/ }).fill('127.0.0.1')
    await page.getByRole('spinbutton', { name: /^Port/ }).fill(String(sshd.port))
    await page.getByRole('button', { name: 'Add the node' }).click()
    await page.getByRole('button', { name: 'Test the connection' }).click()
    await page.getByRole('button', { name: 'It is the same: trust this key' }).click()
    await expect(page.getByText(/is the confirmed key/)).toBeVisible({ timeout: 20_000 })

    await page.getByRole('tab', { name: 'Access' }).click()
    await expect(page.getByText('Little more than what is granted')).toBeVisible()
    await expect(page.getByText('The key is good from anywhere')).toBeVisible()
    // The address that the node told is there already.
    await expect(page.getByRole('textbox', { name: /Address of this server/ })).toHaveValue('127.0.0.1')
    await expect(block).toContainText('from="127.0.0.1"')
    await expectAccessible(page)
    await pasteIt()
    await page.getByRole('button', { name: 'Ask again' }).click()
    await expect(page.getByText('Exactly what is granted, and nothing more')).toBeVisible()

    await page.getByRole('checkbox', { name: 'Hello' }).check()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(
      page.getByText('It is granted. Now paste the block below on the node once more.'),
    ).toBeVisible()
    await expect(page.getByText('The gate is behind')).toBeVisible()
    const { id } = await product.drive.run('hello', 'enrolled')
    expect(await product.drive.untilEnded(id)).toMatchObject({ state: 'blocked' })
    await page.reload()
    await expect(block).toContainText('hello 1.')
    await pasteIt()
    await page.getByRole('button', { name: 'Ask again' }).click()
    await expect(page.getByText('Exactly what is granted, and nothing more')).toBeVisible()
    const again = await product.drive.run('hello', 'enrolled')
    expect(await product.drive.untilEnded(again.id)).toMatchObject({ state: 'succeeded' })
  } finally {
    if (undo) pasteOnNode(undo)
    await sshd.stop()
  }
  expect(spawnSync('id', [username]).status).not.toBe(0)
  expect(key.publicKey).not.toBeNull()
})

test('which agents may run is changed for many nodes at once', async ({ page, product }) => {
  const { client } = product.drive
  const ids = []
  for (const name of ['many-1', 'many-2']) {
    const body = { name, host: '127.0.0.1', port: 1, username: 'carl', tags: ['many'] }
    ids.push((await client.nodes.create({ body })).id)
  }
  await page.goto('nodes?tag=many')
  for (const name of ['many-1', 'many-2'])
    await page.getByRole('checkbox', { name: `Select ${name}` }).check()
  await page.getByRole('button', { name: 'With the selected nodes' }).click()
  await page.getByRole('menuitem', { name: 'Allowed agents' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('checkbox', { name: 'System Health' })).toBeChecked()
  await dialog.getByRole('checkbox', { name: 'Hello' }).check()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await expect(page.getByText('Done for 2 nodes.')).toBeVisible()
  for (const id of ids) {
    const { allowedAgents } = await client.nodes.get({ params: { id } })
    expect(allowedAgents).toEqual([agentId.parse('system-health'), agentId.parse('hello')])
  }
})
