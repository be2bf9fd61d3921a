import type { FirstMessages } from '../../lib/messages.ts'
import { dashboard } from './dashboard.ts'
import { executions } from './executions.ts'
import { shell } from './shell.ts'
import { ui } from './ui.ts'

/** What every page needs. */
export const de: FirstMessages = {
  dashboard,
  executions,
  shell,
  ui,
}
