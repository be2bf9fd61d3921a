import type { Ai } from '../ai/ai.ts'
import type { Policies } from '../approvals/policies.ts'
import type { Auth } from '../auth/auth.ts'
import type { Backups } from '../backups/backups.ts'
import type { Costs } from '../costs/costs.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { Notifications } from '../notifications/notifications.ts'
import type { Repositories } from '../repositories/repositories.ts'
import type { Schedules } from '../schedules/schedules.ts'
import type { Settings } from '../settings/settings.ts'
import type { Triggers } from '../triggers/triggers.ts'
import type { Credentials } from '../vault/credentials.ts'
import type { Kind } from './kind.ts'
import { backupPlaceKind, backupsKind, channelKind, notificationsKind } from './kinds/messages.ts'
import { credentialKind, nodeKind, repositoryKind } from './kinds/nodes.ts'
import { scheduleKind, triggerKind } from './kinds/schedules.ts'
import { limitsKind, modelsKind, policyKind, priceKind, settingsKind, userKind } from './kinds/server.ts'
import { createNames } from './names.ts'

interface Features {
  readonly settings: Settings
  readonly costs: Costs
  readonly credentials: Credentials
  readonly nodes: Nodes
  readonly ai: Ai
  readonly policies: Policies
  readonly notifications: Notifications
  readonly backups: Backups
  readonly repositories: Repositories
  readonly schedules: Schedules
  readonly triggers: Triggers
  readonly auth: Auth
}

/** Every sort of document. Whoever adds something that people set up adds its kind here. */
export function createKinds(features: Features): Kind[] {
  const { costs, nodes, notifications, backups, schedules } = features
  const names = createNames(features)
  return [
    settingsKind(features.settings),
    limitsKind(costs),
    priceKind(costs),
    credentialKind(features.credentials),
    nodeKind(nodes, names),
    modelsKind(features.ai, names),
    policyKind(features.policies),
    channelKind(notifications),
    notificationsKind(notifications),
    backupsKind(backups),
    backupPlaceKind(backups),
    repositoryKind(features.repositories, names),
    scheduleKind(schedules),
    triggerKind(schedules, features.triggers),
    userKind(features.auth),
  ]
}
