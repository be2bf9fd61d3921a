import { readFileSync, writeFileSync } from 'node:fs'
import { sshLogin } from '../testbed/ssh-login.ts'
import { startSshd } from '../testbed/sshd.ts'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test('a key is renewed by one click, proves itself by three executions, and the old one is refused', async ({
  page,
  product,
}, { project }) => {
  const sshd = await startSshd({ keysInHome: true, keyOptions: 'restrict' })
  try {
    const name = `vault-${project.name}`
    const node = await product.drive.addNode(sshd, { name })
    await page.goto(`nodes/${node.id}?tab=connection`)
    const card = page.getByRole('region', { name: 'SSH key' })
    await card.getByRole('button', { name: 'Rotate now' }).click()
    const question = page.getByRole('alertdialog')
    await expect(question.getByText(/is then locked out/)).toBeVisible()
    await expectAccessible(page)
    await question.getByRole('button', { name: 'Renew it and remove the old line' }).click()
    await expect(card.getByText(/0 of 3 successful executions/)).toBeVisible({ timeout: 20_000 })
    expect(readFileSync(sshd.authorizedKeys, 'utf8').trim().split('\n')).toHaveLength(2)
    await expectAccessible(page)

    // The page hears of each by itself.
    for (const runs of [1, 2, 3]) {
      const { id } = await product.drive.run('hello', name)
      await product.drive.untilEnded(id)
      if (runs < 3) await expect(card.getByText(`${runs} of 3 successful executions`)).toBeVisible()
    }
    await expect(card.getByText(/^Renewed/)).toBeVisible({ timeout: 20_000 })
    await expectAccessible(page)
    expect(sshLogin(sshd, sshd.clientKey)).toBe('refused')
    expect(readFileSync(sshd.authorizedKeys, 'utf8')).toMatch(/^restrict ssh-ed25519 \S+ carl-vault-\S+\n$/)
  } finally {
    await sshd.stop()
  }
})

test('where a forced command guards the file, a person adds the line, and may take it back', async ({
  page,
  product,
}, { project }) => {
  const options = 'command="exit 77"'
  const sshd = await startSshd({ keysInHome: true, keyOptions: options })
  try {
    const node = await product.drive.addNode(sshd, { name: `gate-${project.name}` })
    const { client } = product.drive
    await client.keys.rotate({ params: { id: node.id }, body: { removesUploaded: true } })
    await page.goto('')
    const needs = page.getByRole('region', { name: 'Needs you' })
    await expect(needs.getByText(`on gate-${project.name}`).first()).toBeVisible({ timeout: 20_000 })
    await needs.getByRole('link', { name: `See the key of gate-${project.name}` }).click()

    const card = page.getByRole('region', { name: 'SSH key' })
    const line = (await card.getByRole('region', { name: 'the new line' }).innerText()).trim()
    await card.getByRole('button', { name: 'I have added it: check' }).click()
    await expect(card.getByText('The node does not accept the new key', { exact: true })).toBeVisible({
      timeout: 20_000,
    })
    await expectAccessible(page)
    const before = readFileSync(sshd.authorizedKeys, 'utf8')
    writeFileSync(sshd.authorizedKeys, `${before}${options} ${line}\n`)
    await card.getByRole('button', { name: 'I have added it: check' }).click()
    await expect(card.getByText(/0 of 3 successful executions/)).toBeVisible({ timeout: 20_000 })

    await card.getByRole('button', { name: 'Take it back' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Take it back' }).click()
    await expect(card.getByText('The rotation was taken back', { exact: true })).toBeVisible()
    await expect(card.getByText(/The old key is in force/)).toBeVisible()
    await expectAccessible(page)
  } finally {
    await sshd.stop()
  }
})
