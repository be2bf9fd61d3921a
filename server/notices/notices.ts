import type { NoticeDraft, NoticeKind, Phrase } from '../../contract/notifications.ts'
import type { Tx } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'

interface NoticeTools {
  readonly clock: Clock
  readonly newId: NewId
  readonly events: Pick<EventBus, 'emit'>
}

/** Text is cut here and not refused: whatever a node says, what happened must be told. */
const longest = { key: 600, title: 2_000, detail: 8_000, lines: 100, nodeName: 200 }

/**
 * Where features leave what people may have to hear of. It is written in the transaction of what it tells, so none is
 * lost, and none tells of what was undone; `notifications/` takes it up from there.
 */
export function createNotices({ clock, newId, events }: NoticeTools) {
  /** Kinds that some route names; null while nobody has said. */
  let wanted: ReadonlySet<NoticeKind> | null = null

  /** Of runs there are many, so they are only written down where somebody wants to hear of them. */
  const isWanted = (kind: NoticeKind): boolean =>
    !kind.startsWith('run.') || wanted === null || wanted.has(kind)

  async function put(tx: Tx, draft: NoticeDraft): Promise<void> {
    if (!isWanted(draft.kind)) return
    const { kind, severity, nodeId, agentId, executionId, scheduleId, page } = draft
    const body = {
      kind,
      severity,
      key: draft.key.slice(0, longest.key),
      title: cut(draft.title, longest.title),
      detail: cutDetail(draft.detail),
      nodeId,
      nodeName: draft.nodeName?.slice(0, longest.nodeName) ?? null,
      agentId,
      ...(executionId && { executionId }),
      ...(scheduleId && { scheduleId }),
      page,
    } satisfies NoticeDraft
    await tx
      .insertInto('notice')
      .values({
        id: newId('ntc'),
        at: clock.now().toISOString(),
        kind,
        key: body.key,
        severity,
        node_id: nodeId,
        agent_id: agentId,
        body: JSON.stringify(body),
        state: 'fresh',
      })
      .execute()
    events.emit('notice.written', {})
  }

  return {
    put,
    want: (kinds: ReadonlySet<NoticeKind>): void => {
      wanted = kinds
    },
  }
}
export type Notices = ReturnType<typeof createNotices>

function cut(text: string | Phrase, max: number): string | Phrase {
  if (typeof text === 'string') return text.slice(0, max)
  const facts = Object.entries(text.facts).map(([name, fact]) => [
    name,
    typeof fact === 'string' ? fact.slice(0, max) : fact,
  ])
  return { say: text.say, facts: Object.fromEntries(facts) as Phrase['facts'] }
}

const cutDetail = (detail: NoticeDraft['detail']): NoticeDraft['detail'] =>
  typeof detail === 'string' || detail === null
    ? (detail?.slice(0, longest.detail) ?? null)
    : detail.slice(0, longest.lines).map((line) => cut(line, longest.title))
