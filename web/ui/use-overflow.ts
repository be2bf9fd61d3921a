import { type RefObject, useLayoutEffect, useRef, useState } from 'react'

/** Whether a box holds more than it shows. What scrolls needs a stop for the arrow keys; what does not, needs none. */
export function useOverflow<Box extends HTMLElement>(): {
  readonly ref: RefObject<Box | null>
  readonly isOverflowing: boolean
} {
  const ref = useRef<Box>(null)
  const [isOverflowing, setOverflowing] = useState(false)
  useLayoutEffect(() => {
    const box = ref.current
    if (!box) return
    const look = () =>
      setOverflowing(box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1)
    // At once too: the observer answers only after the first paint.
    look()
    const observer = new ResizeObserver(look)
    observer.observe(box)
    for (const child of box.children) observer.observe(child)
    return () => observer.disconnect()
  }, [])
  return { ref, isOverflowing }
}
