import type { Messages } from '../../lib/messages.ts'
import { account } from './account.ts'
import { agents } from './agents.ts'
import { audit } from './audit.ts'
import { credentials } from './credentials.ts'
import { dashboard } from './dashboard.ts'
import { execution } from './execution.ts'
import { executions } from './executions.ts'
import { findings } from './findings.ts'
import { log } from './log.ts'
import { nodes } from './nodes.ts'
import { palette } from './palette.ts'
import { settings } from './settings.ts'
import { setup } from './setup.ts'
import { shell } from './shell.ts'
import { ui } from './ui.ts'

export const de: Messages = {
  account,
  agents,
  audit,
  credentials,
  dashboard,
  execution,
  executions,
  findings,
  log,
  nodes,
  palette,
  settings,
  setup,
  shell,
  ui,
}
