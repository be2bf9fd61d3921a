import type { RestOfMessages } from '../../lib/messages.ts'
import { agents } from './agents.ts'
import { ai } from './ai.ts'
import { audit } from './audit.ts'
import { backups } from './backups.ts'
import { costs } from './costs.ts'
import { credentials } from './credentials.ts'
import { execution } from './execution.ts'
import { explanation } from './explanation.ts'
import { findings } from './findings.ts'
import { keys } from './keys.ts'
import { masterKey } from './master-key.ts'
import { log } from './log.ts'
import { nodes } from './nodes.ts'
import { notifications } from './notifications.ts'
import { ownBackups } from './own-backups.ts'
import { palette } from './palette.ts'
import { plans } from './plans.ts'
import { schedules } from './schedules.ts'
import { settings } from './settings.ts'
import { setup } from './setup.ts'
import { signIn } from './sign-in.ts'

/** What single pages need. */
export const rest: RestOfMessages = {
  agents,
  ai,
  audit,
  backups,
  costs,
  credentials,
  execution,
  explanation,
  findings,
  keys,
  masterKey,
  log,
  nodes,
  notifications,
  ownBackups,
  palette,
  plans,
  schedules,
  settings,
  setup,
  signIn,
}
