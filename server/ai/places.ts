/** So many at a time, in the order they came; whoever does not want to wait any longer leaves the queue. */
export function createPlaces(count: number) {
  let free = count
  const waiting = new Set<() => void>()

  /** Resolves with how to give the place back. Rejects with the reason of the signal. */
  function take(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      const enter = () => {
        waiting.delete(enter)
        signal.removeEventListener('abort', leave)
        free--
        let isGiven = false
        resolve(() => {
          if (isGiven) return
          isGiven = true
          free++
          next()
        })
      }
      const leave = () => {
        waiting.delete(enter)
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', leave, { once: true })
      waiting.add(enter)
      next()
    })
  }

  function next(): void {
    const [first] = waiting
    if (first && free > 0) first()
  }

  return { take }
}
