import { useCallback, useSyncExternalStore } from 'react'
import type { LogSource } from './log-source.ts'

/** From so many entries on, laying out the list costs enough that it is not done for every frame. */
const manyEntries = 150_000
const calmMs = 150

/**
 * Draws again when the log changes, but at most once a frame: thousands of lines in one frame are one change. Returns
 * a number that grows with the changes.
 */
export function useLogVersion({ store, subscribe, version }: LogSource): number {
  const listen = useCallback(
    (draw: () => void) => {
      let frame = 0
      let timer: ReturnType<typeof setTimeout> | undefined
      const soon = () => {
        if (frame || timer) return
        if (store.lastSeq() < manyEntries) frame = requestAnimationFrame(now)
        else timer = setTimeout(now, calmMs)
      }
      const now = () => {
        frame = 0
        timer = undefined
        draw()
      }
      const stops = [store.subscribe(soon), subscribe(soon)]
      return () => {
        cancelAnimationFrame(frame)
        clearTimeout(timer)
        for (const stop of stops) stop()
      }
    },
    [store, subscribe],
  )
  return useSyncExternalStore(listen, version)
}
