import type { RotationStrategy } from '../../../contract/keys.ts'
import type { AuthorizedKey } from '../../ssh/authorized-keys.ts'
import { holds } from './lines.ts'

/** One file of authorized keys on a node, at its real place. */
export interface KeyFile {
  readonly path: string
  readonly canWrite: boolean
  /** As it lies there: one character for each byte. */
  readonly text: string
  /** What `cksum` says of it, to notice that somebody else changed it. */
  readonly sum: string
}

/** What a node tells about where its keys are kept. */
export interface KeyPlaces {
  readonly isUnraid: boolean
  readonly isTrueNas: boolean
  readonly isRoot: boolean
  readonly user: string
  readonly files: readonly KeyFile[]
}

export interface Choice {
  readonly strategy: RotationStrategy
  /** Why a person has to do it; null when nobody has to. */
  readonly why: string | null
}

/** Flash of Unraid, which is copied to or linked from memory at every start. */
const flash = '/boot/'

/**
 * Decides how the line of a key gets onto a node. `null` is a node that did not tell: its key may only start what a
 * forced command names. Only files that hold the old key count, since those are the ones that let us in.
 */
export function chooseStrategy(places: KeyPlaces | null, old: AuthorizedKey): Choice {
  if (!places) {
    return byHand(
      'This key may not read files on the node, as its line in authorized_keys has a forced command.',
    )
  }
  // The file is written anew from the settings of the system, so a line in it alone would not last.
  if (places.isTrueNas) return { strategy: 'truenas', why: null }
  const files = filesWith(places, old)
  if (files.length === 0) {
    return byHand(
      'The old key is in none of the usual files; AuthorizedKeysFile of sshd may name another one.',
    )
  }
  const fixed = files.find(({ canWrite }) => !canWrite)
  if (fixed) return byHand(`${places.user} may not write ${fixed.path}.`)
  if (!places.isUnraid) return { strategy: 'file', why: null }
  return files.some(({ path }) => path.startsWith(flash))
    ? { strategy: 'unraid', why: null }
    : byHand('The old key is only in the memory of this Unraid server, not on its flash drive.')
}

/** The files that let the old key in: each of them is changed. */
export const filesWith = ({ files }: KeyPlaces, key: AuthorizedKey): readonly KeyFile[] =>
  files.filter(({ text }) => holds(text, key))

const byHand = (why: string): Choice => ({ strategy: 'manual', why })
