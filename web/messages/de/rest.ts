import type { RestOfMessages } from '../../lib/messages.ts'
import { account } from './account.ts'
import { agents } from './agents.ts'
import { ai } from './ai.ts'
import { audit } from './audit.ts'
import { backups } from './backups.ts'
import { batch } from './batch.ts'
import { configuration } from './configuration.ts'
import { costs } from './costs.ts'
import { credentials } from './credentials.ts'
import { execution } from './execution.ts'
import { executionList } from './execution-list.ts'
import { explanation } from './explanation.ts'
import { fields } from './fields.ts'
import { findings } from './findings.ts'
import { home } from './home.ts'
import { firstSteps } from './first-steps.ts'
import { keys } from './keys.ts'
import { masterKey } from './master-key.ts'
import { log } from './log.ts'
import { nodes } from './nodes.ts'
import { notifications } from './notifications.ts'
import { offline } from './offline.ts'
import { ownBackups } from './own-backups.ts'
import { palette } from './palette.ts'
import { plans } from './plans.ts'
import { runDialog } from './run-dialog.ts'
import { schedules } from './schedules.ts'
import { compare } from './compare.ts'
import { search } from './search.ts'
import { settings } from './settings.ts'
import { setup } from './setup.ts'
import { signIn } from './sign-in.ts'
import { triggers } from './triggers.ts'

/** What single pages need. */
export const rest: RestOfMessages = {
  account,
  agents,
  ai,
  audit,
  backups,
  compare,
  configuration,
  batch,
  costs,
  credentials,
  execution,
  executionList,
  explanation,
  fields,
  findings,
  home,
  firstSteps,
  keys,
  masterKey,
  log,
  nodes,
  notifications,
  offline,
  ownBackups,
  palette,
  plans,
  runDialog,
  schedules,
  search,
  settings,
  setup,
  signIn,
  triggers,
}
