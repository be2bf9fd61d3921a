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
  IdPrefix,
  NodeId,
  PasskeyId,
  NodeKeyId,
  PlanId,
  PolicyId,
  NoticeId,
  QuestionId,
  RepositoryId,
  ScheduleId,
  SessionId,
  TokenId,
  TrashId,
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
  tok: TokenId
  key: NodeKeyId
  pln: PlanId
  apr: ApprovalId
  tra: TrashId
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
    let time = clock.now().getTime()
    let head = ''
    for (let place = 0; place < 10; place++) {
      head = alphabet[time % 32] + head
      time = Math.floor(time / 32)
    }
    const tail = Array.from(randomBytes(16), (byte) => alphabet[byte % 32]).join('')
    return `${prefix}_${head}${tail}` as IdOf[Prefix]
  }
}
export type NewId = ReturnType<typeof createIds>
