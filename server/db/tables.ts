import type { AiTables } from './tables/ai.ts'
import type { ApprovalTables } from './tables/approvals.ts'
import type { AuditTables } from './tables/audit.ts'
import type { AuthTables } from './tables/auth.ts'
import type { OwnBackupTables } from './tables/backups.ts'
import type { CostTables } from './tables/costs.ts'
import type { ExecutionTables } from './tables/executions.ts'
import type { NodeTables } from './tables/nodes.ts'
import type { NoticeTables } from './tables/notices.ts'
import type { NotificationTables } from './tables/notifications.ts'
import type { OccasionTables } from './tables/occasions.ts'
import type { OutgoingTables } from './tables/outgoing.ts'
import type { PlanTables } from './tables/plans.ts'
import type { RegistryTables } from './tables/registries.ts'
import type { ReportTables } from './tables/reports.ts'
import type { RepositoryTables } from './tables/repositories.ts'
import type { ScheduleTables } from './tables/schedules.ts'
import type { SettingTables } from './tables/settings.ts'
import type { TriggerTables } from './tables/triggers.ts'
import type { VaultTables } from './tables/vault.ts'

/**
 * The tables as Kysely sees them, feature by feature. Instants, JSON and truth values are of the kinds in
 * `tables/columns.ts`: a subset that SQLite and PostgreSQL share.
 */
export interface Tables
  extends
    SettingTables,
    AuditTables,
    NoticeTables,
    OccasionTables,
    NotificationTables,
    OutgoingTables,
    AuthTables,
    VaultTables,
    NodeTables,
    ExecutionTables,
    ReportTables,
    AiTables,
    CostTables,
    RepositoryTables,
    RegistryTables,
    ScheduleTables,
    TriggerTables,
    PlanTables,
    ApprovalTables,
    OwnBackupTables {}
