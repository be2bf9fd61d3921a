import { createHash } from 'node:crypto'
import type { ApprovedPlan } from '../../contract/agent-protocol.ts'

/** An approval as it travels: the text to the letter, and its SHA-256, which the node computes again. */
export interface Bound {
  readonly text: string
  readonly sha256: string
}

/** Binds what was approved to its node, host key, bundle and hour: a change of any of them changes the hash. */
export function bind(approved: ApprovedPlan): Bound {
  const text = JSON.stringify(approved)
  return { text, sha256: sha256Of(text) }
}

/** Says whether a text is still the one that was approved. */
export const isAsApproved = ({ text, sha256 }: Bound): boolean => sha256Of(text) === sha256

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex')
