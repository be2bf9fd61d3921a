import * as z from 'zod'
import { accountErrors } from './errors/accounts.ts'
import { agentErrors } from './errors/agents.ts'
import { aiErrors } from './errors/ai.ts'
import { auditErrors } from './errors/audit.ts'
import { configurationErrors } from './errors/configuration.ts'
import { costErrors } from './errors/costs.ts'
import { credentialErrors } from './errors/credentials.ts'
import { environmentErrors } from './errors/environment.ts'
import { executionErrors } from './errors/executions.ts'
import { keyErrors } from './errors/keys.ts'
import { launchErrors } from './errors/launch.ts'
import type { ErrorCatalogue } from './errors/meaning.ts'
import { nodeErrors } from './errors/nodes.ts'
import { notificationErrors } from './errors/notifications.ts'
import { outgoingErrors } from './errors/outgoing.ts'
import { ownBackupErrors } from './errors/own-backups.ts'
import { planErrors } from './errors/plans.ts'
import { reportErrors } from './errors/reports.ts'
import { repositoryErrors } from './errors/repositories.ts'
import { requestErrors } from './errors/requests.ts'
import { scheduleErrors } from './errors/schedules.ts'
import { serverErrors } from './errors/server.ts'
import { singleSignOnErrors } from './errors/single-sign-on.ts'
import { sshErrors } from './errors/ssh.ts'
import { storageErrors } from './errors/storage.ts'
import { tokenErrors } from './errors/tokens.ts'
import { triggerErrors } from './errors/triggers.ts'
import { vaultErrors } from './errors/vault.ts'

/**
 * Every error the product can name, in the order in which people read them. The same words appear in the API, on the
 * command line and on the screens. A new code stands with its feature in `errors/`.
 */
export const errors = {
  ...requestErrors,
  ...serverErrors,
  ...accountErrors,
  ...singleSignOnErrors,
  ...tokenErrors,
  ...scheduleErrors,
  ...configurationErrors,
  ...triggerErrors,
  ...nodeErrors,
  ...credentialErrors,
  ...keyErrors,
  ...repositoryErrors,
  ...agentErrors,
  ...planErrors,
  ...executionErrors,
  ...reportErrors,
  ...sshErrors,
  ...launchErrors,
  ...aiErrors,
  ...costErrors,
  ...vaultErrors,
  ...storageErrors,
  ...ownBackupErrors,
  ...auditErrors,
  ...notificationErrors,
  ...outgoingErrors,
  ...environmentErrors,
} as const satisfies ErrorCatalogue

export type ErrorCode = keyof typeof errors
export const errorCode = z.enum(Object.keys(errors) as [ErrorCode, ...ErrorCode[]])

/** One field that is wrong: where (`options.keepLast`) and why. */
export const issue = z.object({ path: z.string(), message: z.string() })
export type Issue = z.infer<typeof issue>

/** What went wrong, in words. `detail` is about this case; `title` and `fix` come with the code. */
export const problem = z
  .object({
    code: errorCode,
    title: z.string(),
    detail: z.string(),
    fix: z.string(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof problem>

/** The one error shape of the API. `issues` is there for invalid fields, `retryAt` where waiting helps. */
export const errorReply = z
  .object({
    error: problem.extend({
      requestId: z.string(),
      issues: z.array(issue).optional(),
      retryAt: z.string().optional(),
    }),
  })
  .meta({ id: 'Error' })
export type ErrorReply = z.infer<typeof errorReply>

/** Puts the words of the catalogue to a code. An empty detail falls back to the title. */
export function toProblem(code: ErrorCode, detail = ''): Problem {
  const { title, fix } = errors[code]
  return { code, title, detail: detail || `${title}.`, fix }
}
