import { type FirstStepName, firstStepNames, type FirstSteps } from '../../contract/first-steps.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import { type Choices, createFirstStepStore, type Found } from './store.ts'

interface FirstStepTools {
  readonly db: Database
  readonly audit: Pick<Audit, 'append'>
  /** Whether the recovery kit was taken, or somebody said no to it. */
  readonly hasKit: () => Promise<boolean>
}

/** What makes one at home here. Whether a step is done is read from what is there: nothing keeps it, so it cannot be wrong. */
export function createFirstSteps({ db, audit, hasKit }: FirstStepTools) {
  const store = createFirstStepStore(db)

  async function get(): Promise<FirstSteps> {
    const { skipped, isPutAway } = await store.chosen()
    const found = await store.found()
    const done = doneOf(found, await hasKit())
    return {
      steps: firstStepNames.map((name) => ({ name, isDone: done[name], isSkipped: skipped.includes(name) })),
      isPutAway,
      nodeId: found.nodeId,
    }
  }

  async function change(wanted: Partial<Choices>, actor: Actor): Promise<FirstSteps> {
    const next = { ...(await store.chosen()), ...wanted }
    await db.write(async (tx) => {
      await store.put(tx, next)
      await audit.append(tx, { actor, action: 'first-steps.changed', target: null, detail: next })
    })
    return get()
  }

  return { get, change }
}
export type FirstStepList = ReturnType<typeof createFirstSteps>

/** Which steps are done, by what is there. */
const doneOf = (found: Found, hasKit: boolean): Record<FirstStepName, boolean> => ({
  node: found.nodes > 0,
  key: found.trusted,
  run: found.ran,
  finding: found.acknowledged,
  'second-node': found.nodes > 1,
  'dry-run': found.rehearsed,
  plan: found.approved,
  schedule: found.scheduled,
  told: found.told,
  kit: hasKit,
  money: found.money,
})
