import type { FirstMessages } from '../../lib/messages.ts'
import { account } from './account.ts'
import { dashboard } from './dashboard.ts'
import { executions } from './executions.ts'
import { shell } from './shell.ts'
import { ui } from './ui.ts'

/** What every page needs. */
export const de: FirstMessages = {
  account,
  dashboard,
  executions,
  shell,
  ui,
}
