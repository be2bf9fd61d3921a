import type { Outcome } from '../../contract/executions.ts'
import type { Visit } from '../ssh/launch.ts'
import type { Transcript } from './transcript.ts'

/** How a runner lets go of an execution. */
export type Ending =
  /** It ended, one way or another. `visit` still waits to be acknowledged. */
  | {
      readonly kind: 'finished'
      readonly outcome: Outcome
      readonly transcript: Transcript | null
      readonly visit: Visit | null
      /** The host key of the node as it was heard to its end; null where it was not. */
      readonly hostKey: string | null
      /** Whether the node keeps a record of the run until it is told to forget it. */
      readonly isOnRecord: boolean
      /** Whether more than one may have listened to it there: then our word to the last is not enough. */
      readonly isBroken: boolean
    }
  /** Nothing was sent yet, and it has to wait: back into the queue. */
  | { readonly kind: 'handed-back'; readonly notBefore: string | null; readonly waitingFor: string | null }
  /** It goes on at the node without us; the next start of the server finds it. */
  | { readonly kind: 'left' }
