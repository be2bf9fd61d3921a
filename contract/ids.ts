import * as z from 'zod'

/**
 * Ids are prefixed, time-sortable and safe in URLs, file names and shells: `exe_` + 26 characters of
 * Crockford base32 (48 bits of milliseconds, 80 random bits). The prefix makes a wrong id visible at once.
 */
function id<const Prefix extends string>(prefix: Prefix) {
  return z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`), `Expected an id like ${prefix}_…`)
    .brand<Prefix>()
}

export const nodeId = id('nod')
export const credentialId = id('cre')
export const executionId = id('exe')
export const batchId = id('bat')
export const userId = id('usr')
export const sessionId = id('ses')
export const tokenId = id('tok')
export const passkeyId = id('pky')
export const nodeKeyId = id('key')
export const aiCallId = id('aic')
export const questionId = id('qst')
export const planId = id('pln')
export const approvalId = id('apr')
export const trashId = id('tra')
export const rejectionId = id('rej')
export const policyId = id('pol')
export const noticeId = id('ntc')
export const channelId = id('chn')
export const deliveryId = id('dlv')
export const repositoryId = id('rep')
export const scheduleId = id('sch')
export const triggerId = id('trg')
export const firingId = id('fir')
export const occasionId = id('occ')
export const backupPlaceId = id('bpl')
export const backupDrillId = id('bdr')

export type NodeId = z.infer<typeof nodeId>
export type CredentialId = z.infer<typeof credentialId>
export type ExecutionId = z.infer<typeof executionId>
export type BatchId = z.infer<typeof batchId>
export type UserId = z.infer<typeof userId>
export type SessionId = z.infer<typeof sessionId>
export type TokenId = z.infer<typeof tokenId>
export type PasskeyId = z.infer<typeof passkeyId>
export type NodeKeyId = z.infer<typeof nodeKeyId>
export type AiCallId = z.infer<typeof aiCallId>
export type QuestionId = z.infer<typeof questionId>
export type PlanId = z.infer<typeof planId>
export type ApprovalId = z.infer<typeof approvalId>
export type TrashId = z.infer<typeof trashId>
export type RejectionId = z.infer<typeof rejectionId>
export type PolicyId = z.infer<typeof policyId>
export type NoticeId = z.infer<typeof noticeId>
export type ChannelId = z.infer<typeof channelId>
export type DeliveryId = z.infer<typeof deliveryId>
export type RepositoryId = z.infer<typeof repositoryId>
export type ScheduleId = z.infer<typeof scheduleId>
export type TriggerId = z.infer<typeof triggerId>
export type FiringId = z.infer<typeof firingId>
export type OccasionId = z.infer<typeof occasionId>
export type BackupPlaceId = z.infer<typeof backupPlaceId>
export type BackupDrillId = z.infer<typeof backupDrillId>

/** An agent is named, not numbered: its folder name, e.g. `system-health`. */
export const agentId = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'Lower-case words joined by hyphens')
  .max(64)
export type AgentId = z.infer<typeof agentId>

/** What every id starts with, by noun. */
export type IdPrefix =
  | 'nod'
  | 'cre'
  | 'exe'
  | 'bat'
  | 'usr'
  | 'ses'
  | 'tok'
  | 'pky'
  | 'key'
  | 'aic'
  | 'qst'
  | 'pln'
  | 'apr'
  | 'rej'
  | 'tra'
  | 'pol'
  | 'ntc'
  | 'chn'
  | 'dlv'
  | 'rep'
  | 'sch'
  | 'trg'
  | 'fir'
  | 'occ'
  | 'bpl'
  | 'bdr'
