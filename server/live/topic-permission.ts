import type { Topic } from '../../contract/live.ts'
import type { Permission } from '../../contract/permissions.ts'

/** The permission that listening to a topic needs. */
export function topicPermission(topic: Topic): Permission {
  switch (topic) {
    case 'nodes':
      return 'node.read'
    case 'findings':
      return 'finding.read'
    case 'plans':
      return 'plan.read'
    case 'costs':
      return 'cost.read'
    case 'schedules':
      return 'schedule.read'
    default:
      return 'execution.read'
  }
}
