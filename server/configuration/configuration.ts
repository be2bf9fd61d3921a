import { stringify } from 'yaml'
import {
  type AppliedDocument,
  type ConfigurationKind,
  configurationKinds,
} from '../../contract/configuration.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import { type Actor, mayDo, needPresence } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import { fail, isAppError } from '../lib/errors.ts'
import { differencesOf } from '../triggers/difference.ts'
import type { Kind, Look, Reference, Work } from './kind.ts'
import { type ReadDocument, readConfiguration } from './read.ts'

interface ConfigurationTools {
  readonly db: Database
  readonly kinds: readonly Kind[]
  readonly audit: Pick<Audit, 'append'>
  readonly clock: Clock
}

export interface Applying {
  readonly text: string
  readonly dryRun: boolean
  readonly secrets: Readonly<Record<string, string>>
}

/** What is set up, as text: written without any secret, and made so from text. */
export function createConfiguration({ db, kinds: given, audit, clock }: ConfigurationTools) {
  const kinds = new Map(given.map((kind) => [kind.kind, kind]))

  /** All that this person may see, kind by kind. */
  async function exportText(actor: Actor): Promise<{ fileName: string; body: string }> {
    const texts: string[] = []
    for (const kind of inOrder(kinds)) {
      if (!mayDo(actor, kind.permission)) continue
      for (const one of await kind.list())
        texts.push(stringify({ kind: kind.kind, ...one }, { lineWidth: 0 }))
    }
    const detail = { documents: texts.length }
    await db.write((tx) =>
      audit.append(tx, { actor, action: 'configuration.exported', target: null, detail }),
    )
    return { fileName: `carl-${clock.now().toISOString().slice(0, 10)}.yaml`, body: texts.join('---\n') }
  }

  /**
   * Applies documents one by one in the order of their kinds, and says of each what came of it: one that cannot be
   * applied leaves the others alone. Throws `configuration.invalid` before anything is done when the text is wrong.
   */
  async function apply({ text, dryRun, secrets }: Applying, actor: Actor): Promise<AppliedDocument[]> {
    const documents = inNeed(readConfiguration(text, kinds))
    if (!dryRun && documents.some(({ kind }) => kind.stepUp && mayDo(actor, kind.permission)))
      needPresence(actor)
    const named = new Set(documents.map(({ kind, name }) => keyOf({ kind: kind.kind, name: name ?? '' })))
    const isThere = createLookout(kinds)
    const items: AppliedDocument[] = []
    const failed = new Set<string>()
    for (const document of documents) {
      const { kind, name, said, line, text: written } = document
      const warnings: string[] = []
      const work: Work = {
        actor,
        lent: (secret) => (Object.hasOwn(secrets, secret) ? secrets[secret] : undefined),
        warn: (sentence) => void warnings.push(sentence),
      }
      const item = { kind: kind.kind, name, line, warnings, firstPassword: null as string | null }
      let look: Look = { change: 'new', differences: [] }
      try {
        if (!mayDo(actor, kind.permission))
          throw fail('auth.forbidden', { detail: `You may not change a ${kind.kind}.` })
        look = await (kind.look?.(said, work, written) ?? lookAt(kind, name, said))
        for (const need of kind.needs?.(said) ?? []) {
          const key = keyOf(need)
          const isComing = named.has(key) && !failed.has(key)
          if (!isComing && !(await isThere(need))) {
            throw fail('configuration.reference_missing', {
              detail: `There is no ${need.kind} called ${need.name}, and none could be made.`,
            })
          }
        }
        const isSame = look.change === 'same'
        if (dryRun) {
          // What is there already needs no secret again.
          if (!isSame) await kind.check?.(said, work)
        } else if (!isSame || kind.look) {
          item.firstPassword = (await kind.put(said, work, written)) ?? null
        }
        items.push({ ...item, ...look, problem: null })
      } catch (error) {
        if (!isAppError(error)) throw error
        failed.add(keyOf({ kind: kind.kind, name: name ?? '' }))
        items.push({ ...item, ...look, problem: error.problem })
      }
    }
    if (!dryRun)
      await db.write((tx) =>
        audit.append(tx, { actor, action: 'configuration.applied', target: null, detail: counted(items) }),
      )
    return items
  }

  return { exportText, apply }
}
export type Configuration = ReturnType<typeof createConfiguration>

const inOrder = (kinds: ReadonlyMap<ConfigurationKind, Kind>): Kind[] =>
  configurationKinds.flatMap((kind) => kinds.get(kind) ?? [])

const keyOf = ({ kind, name }: Reference): string => JSON.stringify([kind, name.toLowerCase()])

/** In the order of kinds, and within one kind what others need before them: a jump host before who jumps through it. */
export function inNeed(documents: readonly ReadDocument[]): ReadDocument[] {
  const byKey = new Map(documents.map((one) => [keyOf({ kind: one.kind.kind, name: one.name ?? '' }), one]))
  const sorted: ReadDocument[] = []
  const seen = new Set<ReadDocument>()
  const visit = (document: ReadDocument): void => {
    if (seen.has(document)) return
    seen.add(document)
    for (const need of document.kind.needs?.(document.said) ?? []) {
      const needed = byKey.get(keyOf(need))
      if (needed && needed.kind === document.kind) visit(needed)
    }
    sorted.push(document)
  }
  const rank = ({ kind }: ReadDocument): number => configurationKinds.indexOf(kind.kind)
  for (const document of documents.toSorted((one, other) => rank(one) - rank(other))) visit(document)
  return sorted
}

async function lookAt(kind: Kind, name: string | null, said: object): Promise<Look> {
  const found = (await kind.list()).find((one) => kind.nameOf(one)?.toLowerCase() === name?.toLowerCase())
  // Through the same shape, so that fields stand in the same order and defaults are filled in on both sides.
  const before = found ? kind.shape.parse(found) : null
  const after = before ? (kind.over?.(before, said) ?? said) : said
  const differences = differencesOf(before, after)
  return { change: before === null ? 'new' : differences.length > 0 ? 'changed' : 'same', differences }
}

/** Says whether something is there. Each kind is looked at anew: a document before may have made it. */
const createLookout =
  (kinds: ReadonlyMap<ConfigurationKind, Kind>) =>
  async ({ kind, name }: Reference): Promise<boolean> => {
    const all = await kinds.get(kind)?.list()
    return (all ?? []).some((one) => kinds.get(kind)?.nameOf(one)?.toLowerCase() === name.toLowerCase())
  }

const counted = (items: readonly AppliedDocument[]) => ({
  new: items.filter(({ change, problem }) => change === 'new' && !problem).length,
  changed: items.filter(({ change, problem }) => change === 'changed' && !problem).length,
  same: items.filter(({ change, problem }) => change === 'same' && !problem).length,
  failed: items
    .filter(({ problem }) => problem)
    .map(({ kind, name }) => `${kind}${name === null ? '' : ` ${name}`}`)
    .slice(0, 50),
})
