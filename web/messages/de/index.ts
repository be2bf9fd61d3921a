import type { Messages } from '../../lib/messages.ts'
import { account } from './account.ts'
import { agents } from './agents.ts'
import { audit } from './audit.ts'
import { dashboard } from './dashboard.ts'
import { executions } from './executions.ts'
import { findings } from './findings.ts'
import { nodes } from './nodes.ts'
import { settings } from './settings.ts'
import { shell } from './shell.ts'
import { ui } from './ui.ts'

export const de: Messages = {
  account,
  agents,
  audit,
  dashboard,
  executions,
  findings,
  nodes,
  settings,
  shell,
  ui,
}
