import type { Problem } from '../../contract/errors.ts'
import type { Phrase } from '../../contract/notifications.ts'
import type { Database } from '../db/database.ts'
import type { Logger } from '../lib/logger.ts'
import type { Notices } from '../notices/notices.ts'

interface FailuresTools {
  readonly db: Database
  readonly notices: Pick<Notices, 'put'>
  readonly logger: Logger
}

/** Tells people, who would otherwise find out when they need a backup. */
export type TellOfFailure = (title: Phrase, problem: Problem, key?: string) => Promise<void>

export function createFailures({ db, notices, logger }: FailuresTools): TellOfFailure {
  return async function tell(title, { detail, fix }, key = 'own-backup') {
    await db
      .write((tx) =>
        notices.put(tx, {
          kind: 'backup.failed',
          severity: 'high',
          key,
          title,
          detail: `${detail} ${fix}`,
          nodeId: null,
          nodeName: null,
          agentId: null,
          page: '/settings?tab=own-backups',
        }),
      )
      .catch((error: unknown) => logger.error({ err: error }, 'failure of a backup not noted'))
  }
}
