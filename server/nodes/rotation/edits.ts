import type { RotationStrategy } from '../../../contract/keys.ts'
import { fail } from '../../lib/errors.ts'
import { createTurns } from '../../lib/turns.ts'
import type { AuthorizedKey } from '../../ssh/authorized-keys.ts'
import type { SshConnection } from '../../ssh/transport.ts'
import { type Edit, holds, withNext, without } from './lines.ts'
import { readUser, writeUser } from './middleware.ts'
import { type FileTools, lookForKeys, replaceFile } from './node-files.ts'
import { filesWith, type KeyPlaces } from './strategy.ts'

interface EditOrder {
  readonly connection: SshConnection
  readonly strategy: Exclude<RotationStrategy, 'manual'>
  readonly tools: FileTools
}

/**
 * Changes where a node keeps its keys. One change at a time over all nodes: two of them may be the same account of the
 * same machine under two names, and then each would write what the other has read.
 */
export function createEdits() {
  const inTurn = createTurns('a change of authorized keys')

  /** Adds the line of `next` wherever `known` lets somebody in, with the same options. Throws `key.edit_*` and `ssh.*`. */
  function addLine(order: EditOrder, known: AuthorizedKey, next: AuthorizedKey): Promise<void> {
    return inTurn(async () => {
      await edit(order, known, (text) => withNext(text, known, next))
      await expect(order, known, (texts) => texts.every((text) => holds(text, next)))
    })
  }

  /** Takes out every line of `leaving`, and nothing else. Throws `key.edit_*` and `ssh.*`. */
  function removeLine(order: EditOrder, leaving: AuthorizedKey, needed: AuthorizedKey): Promise<void> {
    return inTurn(async () => {
      await edit(order, leaving, (text) => without(text, leaving, needed))
      await expect(order, leaving, (texts) => texts.length === 0)
    })
  }

  return { addLine, removeLine }
}

async function edit(
  { connection, strategy, tools }: EditOrder,
  known: AuthorizedKey,
  change: (text: string) => Edit,
): Promise<void> {
  const places = await look(connection, tools)
  if (strategy === 'truenas') {
    const user = await readUser(connection, places, tools)
    const text = changed(change(user.text))
    if (text !== null) await writeUser(connection, places, user, text, tools)
    return
  }
  // Judged as a whole first: where one file must not be changed, none is.
  const edits = filesWith(places, known).map((file) => ({ file, text: changed(change(file.text)) }))
  for (const { file, text } of edits) if (text !== null) await replaceFile(connection, file, text, tools)
}

function changed(edit: Edit): string | null {
  if (edit.kind === 'refused') throw fail('key.edit_failed', { detail: edit.why })
  return edit.kind === 'changed' ? edit.text : null
}

/** Reads again what was written: a file that looks otherwise than it should is told, whatever the node said. */
async function expect(
  { connection, strategy, tools }: EditOrder,
  known: AuthorizedKey,
  isAsWanted: (texts: readonly string[]) => boolean,
): Promise<void> {
  const places = await look(connection, tools)
  const texts =
    strategy === 'truenas'
      ? [(await readUser(connection, places, tools)).text].filter((text) => holds(text, known))
      : filesWith(places, known).map(({ text }) => text)
  if (!isAsWanted(texts)) throw fail('key.edit_failed', { detail: 'The file is not as it was written.' })
}

async function look(connection: SshConnection, tools: FileTools): Promise<KeyPlaces> {
  const places = await lookForKeys(connection, tools)
  if (!places) throw fail('key.edit_failed', { detail: 'The node no longer tells where its keys are.' })
  return places
}
