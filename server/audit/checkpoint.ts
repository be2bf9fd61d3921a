import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import * as z from 'zod'

/** How far the trail had come at a moment. Kept elsewhere, it shows when lines behind it go missing. */
export interface Checkpoint {
  readonly at: string
  /** Number and hash of the newest line. */
  readonly seq: number
  readonly hash: string
}

const signedLine = z.object({
  at: z.string(),
  seq: z.number().int().positive(),
  hash: z.string(),
  signature: z.string(),
})

/** A checkpoint as one line of text, signed. */
export function checkpointToLine(checkpoint: Checkpoint, key: KeyObject): string {
  const { at, seq, hash } = checkpoint
  const signature = sign(null, signedText(checkpoint), key).toString('base64url')
  return JSON.stringify({ at, seq, hash, signature })
}

export interface ReadCheckpoints {
  readonly checkpoints: readonly Checkpoint[]
  /** Lines that this server has not signed: of another one, changed, or cut off. */
  readonly foreign: number
}

/** Reads a file of checkpoints. Only what this server has signed counts. */
export function readCheckpoints(text: string, key: KeyObject): ReadCheckpoints {
  const publicKey = createPublicKey(key)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const checkpoints = lines.flatMap((line) => fromLine(line, publicKey) ?? [])
  return { checkpoints, foreign: lines.length - checkpoints.length }
}

function fromLine(line: string, publicKey: KeyObject): Checkpoint | null {
  try {
    const { signature, ...checkpoint } = signedLine.parse(JSON.parse(line))
    const isOurs = verify(null, signedText(checkpoint), publicKey, Buffer.from(signature, 'base64url'))
    return isOurs ? checkpoint : null
  } catch {
    return null
  }
}

const signedText = ({ at, seq, hash }: Checkpoint): Buffer =>
  Buffer.from(JSON.stringify(['carl:v1:audit-checkpoint', at, seq, hash]))
