import { rmSync } from 'node:fs'
import { startDockerEngine } from '../testbed/docker-engine.ts'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test('a real Docker is cleaned up: checked, two of three approved, one skipped because it is used again, one taken back', async ({
  page,
  product,
  sshd,
}) => {
  const engine = await startDockerEngine()
  test.skip('absent' in engine, `no Docker engine: ${'absent' in engine ? engine.absent : ''}`)
  if ('absent' in engine) return
  const aside = `${engine.socket}-aside`
  try {
    for (const tag of ['t/app:1', 't/app:2', 't/other:1', 't/other:2']) engine.build(tag)
    engine.docker(['run', '--name', 'old-job', '--network', 'none', 'lab/base:1', 'true'])
    const names = () => engine.docker(['ps', '--all', '--format', '{{.Names}}']).split('\n')
    const node = await product.drive.addNode(sshd, { name: 'dock' })
    const options = {
      socket: engine.socket,
      keep_last: 1,
      min_age_hours: 0,
      stopped_days: 0,
      aside_dir: aside,
    }
    const { id } = await product.drive.run('docker-janitor', node.id, options)
    await product.drive.untilEnded(id)

    await page.goto('approvals')
    const plan = page.getByRole('region', { name: 'Plan of Docker Janitor for dock' })
    for (const title of [
      'Remove the image t/app:1',
      'Remove the image t/other:1',
      'Set the container old-job aside',
    ])
      await expect(plan.getByRole('checkbox', { name: title })).toBeVisible()
    await expectAccessible(page)

    await plan.getByRole('checkbox', { name: 'Remove the image t/app:1' }).check()
    await plan.getByRole('checkbox', { name: 'Set the container old-job aside' }).check()
    await plan.getByRole('checkbox', { name: 'Remove the image t/other:1' }).uncheck()
    await plan.getByRole('button', { name: 'Only check' }).click()
    await expect(plan.getByText('checked: would be done')).toHaveCount(2, { timeout: 30_000 })
    expect(names()).toEqual(['old-job'])

    // Somebody starts a container from it before the decision is made.
    engine.docker(['run', '--detach', '--name', 'late', '--network', 'none', 't/app:1'])
    await plan.getByRole('button', { name: 'Approve 2 changes' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Approve 2 changes' }).click()
    await expect(plan.getByText('done', { exact: true })).toBeVisible({ timeout: 30_000 })
    await expect(plan.getByText(/late/)).toBeVisible()
    expect(engine.docker(['images', '--quiet', 't/app:1'])).not.toBe('')
    expect(names().filter((name) => name.startsWith('carl-aside-old-job-'))).toHaveLength(1)
    await expectAccessible(page)

    await page.goto('approvals?tab=trash')
    await page
      .getByRole('row', { name: /old-job/ })
      .getByRole('button', { name: 'Restore' })
      .click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Restore' }).click()
    await expect.poll(() => names().includes('old-job'), { timeout: 30_000 }).toBe(true)
    await expect(page.getByRole('row', { name: /old-job/ })).toHaveCount(0, { timeout: 30_000 })
  } finally {
    await engine.stop()
    rmSync(aside, { recursive: true, force: true })
  }
})
