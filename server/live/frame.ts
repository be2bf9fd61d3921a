import type { ServerFrame } from '../../contract/live.ts'

/** A frame as bytes: made once, sent to all who want it. */
export const toBytes = (frame: ServerFrame): Buffer => Buffer.from(JSON.stringify(frame))
