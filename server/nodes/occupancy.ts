import type { NodeId } from '../../contract/ids.ts'

interface Place {
  runs: number
  isAlone: boolean
  /** Those who want the node for themselves. */
  wanted: number
  waiters: Set<() => void>
}

/**
 * Who is at work on a node: any number of runs, or one that has it for itself while it changes what opens the node. Who
 * wants it alone waits for the runs to end, and no new one is to be started meanwhile.
 */
export function createOccupancy() {
  const places = new Map<NodeId, Place>()
  const listeners = new Set<() => void>()

  function placeOf(id: NodeId): Place {
    const place = places.get(id) ?? { runs: 0, isAlone: false, wanted: 0, waiters: new Set() }
    places.set(id, place)
    return place
  }

  function settle(id: NodeId, place: Place): void {
    for (const wake of place.waiters) wake()
    place.waiters.clear()
    if (place.runs === 0 && !place.isAlone && place.wanted === 0) places.delete(id)
  }

  async function change(place: Place, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    place.waiters.add(resolve)
    signal?.addEventListener('abort', () => resolve(), { once: true })
    await promise
  }

  /** Waits until nobody has the node for himself, and counts a run on it until that has ended. */
  async function run<Result>(id: NodeId, work: () => Promise<Result>): Promise<Result> {
    const place = placeOf(id)
    // Counted at once: whoever wants the node alone comes after those who were here before.
    place.runs++
    try {
      while (place.isAlone) await change(place)
      return await work()
    } finally {
      place.runs--
      settle(id, place)
    }
  }

  /** Has the node alone for as long as the work takes. Throws the reason of the signal when that ends the waiting. */
  async function alone<Result>(
    id: NodeId,
    signal: AbortSignal,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const place = placeOf(id)
    place.wanted++
    try {
      while (place.runs > 0 || place.isAlone) {
        signal.throwIfAborted()
        await change(place, signal)
      }
      signal.throwIfAborted()
      place.isAlone = true
      try {
        return await work()
      } finally {
        place.isAlone = false
      }
    } finally {
      place.wanted--
      settle(id, place)
      for (const listen of listeners) listen()
    }
  }

  return {
    run,
    alone,
    /** Nodes on which nothing is to be started now. */
    closed: (): NodeId[] => [...places].flatMap(([id, { wanted }]) => (wanted > 0 ? [id] : [])),
    hasRuns: (id: NodeId): boolean => (places.get(id)?.runs ?? 0) > 0,
    /** Calls back whenever a node is open again. */
    onOpen: (listen: () => void): void => void listeners.add(listen),
  }
}
export type Occupancy = ReturnType<typeof createOccupancy>
