import { agents } from './agents.ts'
import { audit } from './audit.ts'
import { credentials } from './credentials.ts'
import { execution } from './execution.ts'
import { findings } from './findings.ts'
import { masterKey } from './master-key.ts'
import { log } from './log.ts'
import { nodes } from './nodes.ts'
import { palette } from './palette.ts'
import { settings } from './settings.ts'
import { setup } from './setup.ts'

/** What single pages need. */
export const rest = {
  agents,
  audit,
  credentials,
  execution,
  findings,
  masterKey,
  log,
  nodes,
  palette,
  settings,
  setup,
}
