import { accessApi } from './access.ts'
import { accountsApi } from './accounts.ts'
import { agentsApi } from './agents.ts'
import { aiApi } from './ai.ts'
import { auditApi } from './audit.ts'
import { configurationApi } from './configuration.ts'
import { costsApi } from './costs.ts'
import { credentialsApi } from './credentials.ts'
import { defineApi } from './endpoint.ts'
import { executionsApi } from './executions.ts'
import { explanationsApi } from './explanations.ts'
import { firstStepsApi } from './first-steps.ts'
import { keysApi } from './keys.ts'
import { masterKeyApi } from './master-key.ts'
import { nodesApi } from './nodes.ts'
import { notificationsApi } from './notifications.ts'
import { outgoingApi } from './outgoing.ts'
import { ownBackupsApi } from './own-backups.ts'
import { plansApi } from './plans.ts'
import { reportsApi } from './reports.ts'
import { repositoriesApi } from './repositories.ts'
import { samplesApi } from './samples.ts'
import { schedulesApi } from './schedules.ts'
import { searchApi } from './search.ts'
import { secondFactorsApi } from './second-factors.ts'
import { settingsApi } from './settings.ts'
import { singleSignOnApi } from './single-sign-on.ts'
import { storyApi } from './story.ts'
import { summaryApi } from './summary.ts'
import { systemApi } from './system.ts'
import { topologyApi } from './topology.ts'
import { triggersApi } from './triggers.ts'
import { usersApi } from './users.ts'

/** The whole API on one screen. Server handlers, the typed client and OpenAPI all come from this value. */
export const api = defineApi({
  ...systemApi, //       version, openapi.json, live ticket
  ...accountsApi, //     setup, session, account
  ...secondFactorsApi, // signIn, factors, presence
  ...singleSignOnApi, // ways to sign in by others' word, the identity provider
  ...usersApi, //        users and their roles
  ...credentialsApi, //  credentials
  ...masterKeyApi, //         the master key: where it lies, change it, recovery kit, unseal
  ...nodesApi, //        nodes: add, change, test, confirm host key
  ...keysApi, //         SSH keys of nodes: age, rotation
  ...accessApi, //       what nodes let us do, and the block that opens one
  ...agentsApi, //       agents
  ...executionsApi, //   executions: preview, start, cancel, log, commands, journal, report, export
  ...plansApi, //        what agents propose, what is approved, what can come back
  ...schedulesApi, //    schedules: preview, occurrences, documents
  ...triggersApi, //     triggers: what starts runs when something happens, webhooks
  ...reportsApi, //      findings, metrics
  ...storyApi, //        what happened to a node, what changed anywhere, one fact everywhere
  ...searchApi, //       words in nodes, findings, facts, logs, audit
  ...repositoriesApi, // backup repositories, their secrets and proofs
  ...costsApi, //        what models have cost
  ...aiApi, //           who is asked, keys, readiness, exchanges
  ...explanationsApi, // what models make of reports, and questions about them
  ...settingsApi, //     settings
  ...configurationApi, // all that is set up as documents
  ...auditApi, //        audit
  ...notificationsApi, // channels, rules, what became of messages
  ...topologyApi, //     every node, and the way to it
  ...summaryApi, //      widgets, metrics
  ...outgoingApi, //     what the server talks to
  ...samplesApi, //      made-up data to look around in
  ...firstStepsApi, //   what makes one at home here, and what of it is done
  ...ownBackupsApi, //   backups of the server itself, and the restore of one
})
export type CarlApi = typeof api
