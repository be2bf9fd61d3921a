import type { Migration } from 'kysely/migration'
import * as first from './0001-first.ts'
import * as secondFactors from './0002-second-factors.ts'
import * as nodeAccess from './0004-node-access.ts'
import * as keyRotation from './0005-key-rotation.ts'
import * as singleSignOn from './0006-single-sign-on.ts'
import * as outgoingAndGaps from './0007-outgoing-and-gaps.ts'
import * as costs from './0008-costs.ts'
import * as ai from './0009-ai.ts'
import * as explanations from './0010-explanations.ts'
import * as plans from './0011-plans.ts'
import * as notifications from './0013-notifications.ts'
import * as repositories from './0014-repositories.ts'
import * as registries from './0015-registries.ts'
import * as ownBackups from './0019-own-backups.ts'
import * as triggerNotices from './0020-trigger-notices.ts'
import * as schedules from './0012-schedules.ts'
import * as triggers from './0017-triggers.ts'
import * as rejections from './0018-rejections.ts'

/** Every migration by name, oldest first. Listed by hand, so that a bundled server has them too. */
export const migrations: Record<string, Migration> = {
  '0001-first': first,
  '0002-second-factors': secondFactors,
  '0004-node-access': nodeAccess,
  '0005-key-rotation': keyRotation,
  '0006-single-sign-on': singleSignOn,
  '0007-outgoing-and-gaps': outgoingAndGaps,
  '0008-costs': costs,
  '0009-ai': ai,
  '0010-explanations': explanations,
  '0011-plans': plans,
  '0013-notifications': notifications,
  '0014-repositories': repositories,
  '0012-schedules': schedules,
  '0015-registries': registries,
  '0017-triggers': triggers,
  '0018-rejections': rejections,
  '0019-own-backups': ownBackups,
  '0020-trigger-notices': triggerNotices,
}
