import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Lets one piece of work at a time pass, in the order asked; one that fails does not stop the next. Work that asks
 * for another turn inside its own would wait for itself for ever, so that throws.
 */
export function createTurns(what: string) {
  const inside = new AsyncLocalStorage<{ active: boolean }>()
  let last: Promise<unknown> = Promise.resolve()

  return function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (inside.getStore()?.active) return Promise.reject(new Error(`${what} inside ${what} would never end`))
    const mine = last.then(async () => {
      const turn = { active: true }
      try {
        return await inside.run(turn, work)
      } finally {
        // What the work left running may ask for a turn of its own later.
        turn.active = false
      }
    })
    last = mine.catch(() => {})
    return mine
  }
}
