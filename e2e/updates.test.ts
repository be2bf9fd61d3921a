import { startDockerWorld } from '../testbed/docker-world.ts'
import { digestOf, startRegistry } from '../testbed/registry.ts'
import { expectAccessible } from './axe.ts'
import { expect, test } from './journey.ts'

test('a newer image is told once the server may talk to its registry', async ({ page, product, sshd }, {
  project,
}) => {
  const docker = await startDockerWorld()
  const registry = await startRegistry()
  try {
    const name = `gable-${project.name.replace(/\W/g, '-')}`
    for (const tag of ['2.4', '2.6', '3.0']) registry.tags.set(`shop/web:${tag}`, digestOf(2))
    docker.runs([{ name: 'web', image: `${registry.host}/shop/web:2.4`, here: [1] }])
    const node = await product.drive.addNode(sshd, { name })
    const look = async () => {
      const { id } = await product.drive.run('update-advisor', node.id, {
        socket: docker.socket,
        skip: ['packages', 'reboot', 'services'],
      })
      await product.drive.untilEnded(id)
      await page.goto(`executions/${id}`)
    }

    // It was a node that named this address: nobody is asked before somebody allows it.
    await look()
    await expect(page.getByText('this server may not talk to its registry').first()).toBeVisible()

    await page.goto('settings?tab=outgoing')
    const row = page.getByRole('row').filter({ hasText: registry.host })
    await expect(row.getByText('Newer container images')).toBeVisible()
    await row.getByRole('button', { name: `Allow ${registry.host}` }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Allow', exact: true }).click()
    await expect(row.getByText('allowed')).toBeVisible()

    await look()
    const web = `${registry.host}/shop/web:2.4`
    await expect(page.getByText(`A newer image of ${web} is out`).first()).toBeVisible()
    await expect(page.getByText(`${web} runs, 2.6 is out, and 3.0`).first()).toBeVisible()
    await expectAccessible(page)
  } finally {
    await Promise.all([docker.stop(), registry.stop()])
  }
})
