import type { Explain } from '../ai/explain/explain.ts'
import type { Policies } from '../approvals/policies.ts'
import type { Queue } from '../executions/queue.ts'
import type { Glance } from '../glance/glance.ts'
import type { EventBus } from '../lib/events.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { Rotations } from '../nodes/rotations.ts'
import type { Notifications } from '../notifications/notifications.ts'
import type { Schedules } from '../schedules/schedules.ts'
import type { Triggers } from '../triggers/triggers.ts'

interface Listeners {
  readonly nodes: Pick<Nodes, 'onCredentialReplaced'>
  readonly queue: Pick<Queue, 'wake'>
  readonly rotations: Pick<Rotations, 'onRunSucceeded'>
  readonly policies: Pick<Policies, 'onProposed'>
  readonly explain: Pick<Explain, 'onReport'>
  readonly glance: Pick<Glance, 'onRun'>
  readonly notifications: Pick<Notifications, 'onNotice' | 'onNodes' | 'onSchedules'>
  readonly triggers: Pick<Triggers, 'look'>
  readonly schedules: Pick<Schedules, 'look'>
}

/** What happens, and who cares: the only way up from a lower floor. */
export function listen(events: EventBus, parts: Listeners): void {
  const { nodes, queue, rotations, policies, explain, glance, notifications, triggers, schedules } = parts

  events.on('credential.replaced', 'nodes', ({ credentialId }) => nodes.onCredentialReplaced(credentialId))
  events.on('settings.changed', 'queue', () => queue.wake())
  events.on('execution.finished', 'key rotation', async ({ nodeId, outcome }) => {
    if (outcome === 'succeeded') await rotations.onRunSucceeded(nodeId)
  })

  events.on('plan.proposed', 'policies', ({ planId }) => policies.onProposed(planId))

  events.on('execution.finished', 'explanations', async ({ executionId, outcome }) => {
    if (outcome === 'succeeded') await explain.onReport(executionId)
  })

  events.on('execution.finished', 'metrics', ({ executionId, agentId, outcome }) =>
    glance.onRun(executionId, agentId, outcome),
  )
  events.on('notice.written', 'notifications', notifications.onNotice)
  events.on('node.changed', 'notifications', notifications.onNodes)
  events.on('schedule.changed', 'notifications', notifications.onSchedules)
  events.on('findings.changed', 'notifications', notifications.onNodes)
  events.on('node.removed', 'notifications', notifications.onNodes)

  events.on('occasion.written', 'triggers', triggers.look)

  // A run that waits for the one before may start.
  events.on('execution.finished', 'schedules', () => schedules.look())
}
