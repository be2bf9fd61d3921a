import type { LimitKind } from '../../contract/costs.ts'
import type { FinalState } from '../../contract/execution-states.ts'
import type { AgentId, ExecutionId, NodeId, TriggerId } from '../../contract/ids.ts'
import type { Severity } from '../../contract/agent-protocol.ts'
import type { Tx } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import type { EventBus } from '../lib/events.ts'
import type { NewId } from '../lib/id.ts'

interface OfNode {
  readonly nodeId: NodeId
  readonly nodeName: string
}

/** An execution ended, with what is new in its report. */
export interface RunEnded extends OfNode {
  readonly kind: 'run'
  readonly executionId: ExecutionId
  readonly agentId: AgentId
  readonly outcome: FinalState
  /** Those that are new or grew worse, and that the rule was sure of. */
  readonly findings: readonly {
    readonly key: string
    readonly rule: string
    readonly severity: Severity
    readonly state: 'new' | 'worse'
    readonly title: string
  }[]
  /** File systems and how full they are, in per cent; `before` is null where none was seen before. */
  readonly disks: readonly {
    readonly mount: string
    readonly percent: number
    readonly before: number | null
  }[]
}

/** Something that a trigger may wait for. */
export type Occasion =
  | RunEnded
  | (OfNode & { readonly kind: 'node-back' })
  | {
      readonly kind: 'cost'
      readonly limit: LimitKind
      readonly agentId: AgentId | null
      readonly percent: number
      /** The share that was told of before in this period, or 0. */
      readonly before: number
    }
  | { readonly kind: 'webhook'; readonly triggerId: TriggerId }

interface OccasionTools {
  readonly clock: Clock
  readonly newId: NewId
  readonly events: Pick<EventBus, 'emit'>
}

/**
 * Where features leave what triggers may wait for. It is written in the transaction of what it tells, so none is lost, and
 * none tells of what was undone; `triggers/` takes it up from there. Most houses have no trigger, and then nothing is
 * written.
 */
export function createOccasions({ clock, newId, events }: OccasionTools) {
  /** Kinds that some trigger waits for; null while nobody has said. */
  let wanted: ReadonlySet<Occasion['kind']> | null = null

  const isWanted = (kind: Occasion['kind']): boolean => wanted === null || wanted.has(kind)

  async function put(tx: Tx, occasion: Occasion): Promise<void> {
    if (!isWanted(occasion.kind)) return
    await tx
      .insertInto('occasion')
      .values({ id: newId('occ'), at: clock.now().toISOString(), body: JSON.stringify(occasion) })
      .execute()
    events.emit('occasion.written', {})
  }

  return {
    put,
    isWanted,
    want: (kinds: ReadonlySet<Occasion['kind']>): void => {
      wanted = kinds
    },
  }
}
export type Occasions = ReturnType<typeof createOccasions>
