import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Execution } from '../contract/executions.ts'
import type { Node } from '../contract/nodes.ts'
import type { Plan } from '../contract/plans.ts'
import { type Schedule, scheduleSpec } from '../contract/schedules.ts'
import { type Trigger, triggerSpec } from '../contract/triggers.ts'
import type { Driver } from './house.ts'
import { startSshd } from './sshd.ts'
import { freePort } from './tcp-proxy.ts'

/** What is there to look at, by the part it plays. */
export interface LivedIn {
  readonly nodes: { readonly nas: Node; readonly pi: Node; readonly dockerHost: Node; readonly attic: Node }
  readonly executions: {
    /** Succeeded, with a report and findings. */
    readonly report: Execution
    /** The same agent on another node. */
    readonly other: Execution
    readonly failed: Execution
    readonly unreachable: Execution
    readonly cancelled: Execution
    /** Goes on until it is cancelled. */
    readonly running: Execution
    /** Proposed changes that wait. */
    readonly plan: Execution
  }
  readonly schedule: Schedule
  /** Fired, was held back, and was refused last. */
  readonly trigger: Trigger
  readonly webhook: Trigger
  stop(): Promise<void>
}

/** As if somebody had approved some changes on another node before. */
async function removeSome(drive: Driver, folder: string): Promise<void> {
  const { id } = await drive.run('tidies', 'nas', { folder })
  await drive.untilEnded(id)
  const { plan } = await drive.client.plans.ofExecution({ params: { id } })
  if (!plan) throw new Error('there is no plan')
  const [first, second, third] = plan.actions.map(({ aid }) => aid) as [string, string, string]
  const of = { params: { id: plan.id } }
  writeFileSync(join(folder, 'access.log.2'), 'written again')
  const { approvals } = await drive.client.plans.approve({ ...of, body: { actions: [first, second] } })
  await drive.client.plans.reject({ ...of, body: { actions: [third], why: 'still needed' } })
  const [{ executionId }] = approvals as [Plan['approvals'][number]]
  if (executionId) await drive.untilEnded(executionId)
}

/**
 * Makes a server look as if somebody used it: real nodes, one of them out of reach, and an execution for each end that
 * matters.
 */
export async function liveIn(drive: Driver): Promise<LivedIn> {
  const sshds = await Promise.all([
    startSshd(),
    startSshd({ hostKeyTypes: ['rsa', 'ed25519'] }),
    startSshd({ config: ['MaxSessions 1'] }),
  ])
  const [first, second, third] = sshds
  const oldLogs = mkdtempSync(join(tmpdir(), 'old-logs-'))
  const stop = async () => {
    await Promise.all(sshds.map((sshd) => sshd.stop()))
    rmSync(oldLogs, { recursive: true, force: true })
  }
  try {
    const nas = await drive.addNode(first, { name: 'nas', tags: ['storage', 'cellar'] })
    const dockerHost = await drive.addNode(second, { name: 'docker-host', tags: ['docker'] })
    const pi = await drive.addNode(third, { name: 'pi', tags: ['pi', 'cellar'], transport: 'openssh' })
    const attic = await drive.client.nodes.create({
      body: {
        name: 'attic',
        host: '127.0.0.1',
        port: await freePort(),
        username: 'root',
        tags: ['pi'],
        allowedAgents: null,
      },
    })

    for (const day of [1, 2, 3]) writeFileSync(join(oldLogs, `access.log.${day}`), 'x'.repeat(day * 40_000))
    await removeSome(drive, oldLogs)
    const plan = await drive.run('tidies', 'docker-host', { folder: oldLogs })
    const report = await drive.run('system-health', 'nas')
    const failed = await drive.run('hello', 'docker-host', { name: 'the house', fails: true })
    await Promise.all([plan, report, failed].map(({ id }) => drive.untilEnded(id)))
    const other = await drive.run('system-health', 'docker-host')
    const others = await Promise.all([
      Promise.resolve(other),
      drive.run('hello', 'pi', { name: 'the house' }),
      drive.run('counts', 'nas', { count: 2_000, everyMs: 0 }),
    ])
    const unreachable = await drive.run('hello', 'attic')
    const cancelled = await drive.run('counts', 'pi', { count: 1_000_000, everyMs: 20 })
    await drive.untilLogged(cancelled.id, 'line 5')
    await drive.client.executions.cancel({ params: { id: cancelled.id } })
    await Promise.all([...others, unreachable, cancelled].map(({ id }) => drive.untilEnded(id)))
    const running = await drive.run('counts', 'pi', { count: 1_000_000, everyMs: 1_000 })
    await drive.untilLogged(running.id, 'line 3')
    const schedule = await makeSchedules(drive)
    const triggers = await makeTriggers(drive)
    return {
      schedule,
      ...triggers,
      nodes: { nas, pi, dockerHost, attic },
      executions: { report, other, failed, unreachable, cancelled, running, plan },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Some that run at night, one that is paused, and one that has something to tell. */
async function makeSchedules(drive: Driver): Promise<Schedule> {
  const make = (given: Record<string, unknown>) =>
    drive.client.schedules.create({
      body: scheduleSpec.parse({
        zone: 'Europe/Berlin',
        agentId: 'system-health',
        targets: ['all'],
        ...given,
      }),
    })
  const minutely = await make({
    name: 'Every minute',
    timing: { kind: 'cron', cron: '* * * * *' },
    agentId: 'hello',
    targets: ['docker-*'],
    overlap: 'queue',
    blackouts: [{ days: ['sat', 'sun'], from: '22:00', to: '06:00' }],
  })
  await make({ name: 'Nightly', timing: { kind: 'cron', cron: '30 2 * * *' }, targets: ['tag:cellar'] })
  await make({ name: 'Weekends', timing: { kind: 'cron', cron: '0 3 * * SAT,SUN' }, paused: true })
  await make({ name: 'Before the holidays', timing: { kind: 'once', at: '2098-12-23T18:00' } })
  return minutely
}

/** One that was fired by hand and refused since, one that is called from elsewhere, and one that rests. */
async function makeTriggers(drive: Driver): Promise<Pick<LivedIn, 'trigger' | 'webhook'>> {
  const make = async (given: Record<string, unknown>) =>
    (await drive.client.triggers.create({ body: triggerSpec.parse({ agentId: 'system-health', ...given }) }))
      .trigger
  const after = { kind: 'execution', agents: ['hello'] }
  const made = await make({ name: 'Look closer after a greeting', when: after, targets: ['nas'] })
  const of = { params: { id: made.id } }
  await drive.client.triggers.fire({ ...of, body: {} })
  await drive.client.triggers.change({
    ...of,
    body: triggerSpec.parse({ ...specOf(made), targets: ['tag:gone'] }),
  })
  const webhook = await make({
    name: 'Check backups after a deployment',
    when: { kind: 'webhook' },
    targets: ['nas', 'tag:storage'],
  })
  await make({ name: 'Look around when a node is back', when: { kind: 'node-back' }, paused: true })
  const { id } = await drive.run('hello', 'nas', { name: 'the triggers' })
  await drive.untilEnded(id)
  return { trigger: made, webhook }
}

const specOf = ({ name, when, agentId, options }: Trigger) => ({ name, when, agentId, options })
