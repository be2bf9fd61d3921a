import { dashboard } from './dashboard.ts'
import { executions } from './executions.ts'
import { shell } from './shell.ts'
import { ui } from './ui.ts'

/** What every page needs. */
export const en = {
  dashboard,
  executions,
  shell,
  ui,
}
