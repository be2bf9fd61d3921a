import { randomBytes } from 'node:crypto'
import type {
  AiCallId,
  ApprovalId,
  BackupDrillId,
  BackupPlaceId,
  BatchId,
  ChannelId,
  CredentialId,
  DeliveryId,
  ExecutionId,
  FiringId,
  IdPrefix,
  NodeId,
  PasskeyId,
  NodeKeyId,
  PlanId,
  PolicyId,
  NoticeId,
  OccasionId,
  QuestionId,
  RejectionId,
  RepositoryId,
  ScheduleId,
  SessionId,
  TokenId,
  TrashId,
  TriggerId,
  UserId,
} from '../../contract/ids.ts'
import type { Clock } from './clock.ts'

/** The id of each noun, by its prefix. */
export interface IdOf {
  nod: NodeId
  cre: CredentialId
  exe: ExecutionId
  bat: BatchId
  usr: UserId
  ses: SessionId
  pky: PasskeyId
  aic: AiCallId
  qst: QuestionId
  rep: RepositoryId
  sch: ScheduleId
  trg: TriggerId
  fir: FiringId
  occ: OccasionId
  tok: TokenId
  key: NodeKeyId
  pln: PlanId
  apr: ApprovalId
  tra: TrashId
  rej: RejectionId
  pol: PolicyId
  ntc: NoticeId
  chn: ChannelId
  dlv: DeliveryId
  bpl: BackupPlaceId
  bdr: BackupDrillId
}

/** Crockford's base32 in lower case: no i, l, o, u. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** Makes ids that sort by time (to the millisecond) and cannot be guessed (80 random bits). */
export function createIds(clock: Clock) {
  return function newId<Prefix extends IdPrefix>(prefix: Prefix): IdOf[Prefix] {
    const head = headOf(clock.now())
    const tail = Array.from(randomBytes(16), (byte) => alphabet[byte % 32]).join('')
    return `${prefix}_${head}${tail}` as IdOf[Prefix]
  }
}
export type NewId = ReturnType<typeof createIds>

function headOf(at: Date): string {
  let time = at.getTime()
  let head = ''
  for (let place = 0; place < 10; place++) {
    head = alphabet[time % 32] + head
    time = Math.floor(time / 32)
  }
  return head
}

/** The smallest id that could have been made at this moment: ids begin with their time. */
export const firstIdAt = <Prefix extends IdPrefix>(prefix: Prefix, at: Date): IdOf[Prefix] =>
  `${prefix}_${headOf(at)}${'0'.repeat(16)}` as IdOf[Prefix]

/** When an id was made. */
export function momentOf(id: string): Date {
  let time = 0
  for (const character of id.slice(4, 14)) time = time * 32 + alphabet.indexOf(character)
  return new Date(time)
}
