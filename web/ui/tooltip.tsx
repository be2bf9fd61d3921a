import {
  cloneElement,
  type DOMAttributes,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { createPortal } from 'react-dom'
import { placeTip, type Side } from './place-tip.ts'

interface TooltipProps {
  readonly content: ReactNode
  readonly side?: Side
  /** What it belongs to: one element that can have the focus. */
  readonly children: ReactElement<DOMAttributes<HTMLElement> & { readonly 'aria-describedby'?: string }>
}

/** The pointer rests before a tip shows, and may leave for as long on its way to it, milliseconds. */
const restMs = 300
const leaveMs = 100

/** Hides the one that shows. While one does, the next needs no rest. */
let hideShown: (() => void) | undefined

/** A remark on hover and focus. Touch screens never show it, so nothing may be said here alone. */
export function Tooltip({ content, side = 'top', children }: TooltipProps) {
  const id = useId()
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const { props } = children

  function show(at: HTMLElement | null): void {
    clearTimeout(timer.current)
    setAnchor(at)
  }
  function showIn(ms: number, at: HTMLElement | null): void {
    clearTimeout(timer.current)
    timer.current = setTimeout(setAnchor, ms, at)
  }
  useEffect(() => () => clearTimeout(timer.current), [])

  return (
    <>
      {cloneElement(children, {
        ...(anchor && { 'aria-describedby': [props['aria-describedby'], id].filter(Boolean).join(' ') }),
        onPointerEnter: (event) => {
          props.onPointerEnter?.(event)
          if (event.pointerType !== 'touch') showIn(hideShown ? 0 : restMs, event.currentTarget)
        },
        onPointerLeave: (event) => {
          props.onPointerLeave?.(event)
          showIn(leaveMs, null)
        },
        onPointerDown: (event) => {
          props.onPointerDown?.(event)
          show(null)
        },
        onClick: (event) => {
          props.onClick?.(event)
          show(null)
        },
        onFocus: (event) => {
          props.onFocus?.(event)
          // A mouse that closes a menu gives the focus back too; nobody asked for the remark then.
          if (event.currentTarget.matches(':focus-visible')) show(event.currentTarget)
        },
        onBlur: (event) => {
          props.onBlur?.(event)
          show(null)
        },
      })}
      {anchor && (
        <Tip
          id={id}
          anchor={anchor}
          side={side}
          onRest={() => show(anchor)}
          onLeave={() => showIn(leaveMs, null)}
          onHide={() => show(null)}
        >
          {content}
        </Tip>
      )}
    </>
  )
}

interface TipProps {
  readonly id: string
  readonly anchor: HTMLElement
  readonly side: Side
  /** The pointer lies on the tip itself, and leaves it. */
  readonly onRest: () => void
  readonly onLeave: () => void
  readonly onHide: () => void
  readonly children: ReactNode
}

/** The remark itself, above everything. Goes by Escape, and when its place scrolls away. */
function Tip({ id, anchor, side, onRest, onLeave, onHide, children }: TipProps) {
  const tip = useRef<HTMLDivElement>(null)

  useLayoutEffect(() => {
    const element = tip.current
    if (!element) return
    const { clientWidth: width, clientHeight: height } = document.documentElement
    const size = { width: element.offsetWidth, height: element.offsetHeight }
    const { left, top } = placeTip(side, anchor.getBoundingClientRect(), size, { width, height })
    element.style.left = `${left}px`
    element.style.top = `${top}px`
  })

  const hide = useRef(onHide)
  useEffect(() => {
    hide.current = onHide
  })
  useEffect(() => {
    const hideIt = () => hide.current()
    hideShown?.()
    hideShown = hideIt
    const listening = new AbortController()
    const { signal } = listening
    document.addEventListener('keydown', ({ key }) => key === 'Escape' && hideIt(), { capture: true, signal })
    const onScroll = ({ target }: Event) => target instanceof Node && target.contains(anchor) && hideIt()
    document.addEventListener('scroll', onScroll, { capture: true, signal })
    return () => {
      listening.abort()
      if (hideShown === hideIt) hideShown = undefined
    }
  }, [anchor])

  return createPortal(
    <div
      ref={tip}
      id={id}
      role="tooltip"
      onPointerEnter={onRest}
      onPointerLeave={onLeave}
      className="pointer-events-auto fixed top-0 left-0 z-60 w-max max-w-80 animate-appear rounded-sm bg-foreground px-2 py-1 text-xs text-background shadow-overlay foreign"
    >
      {children}
    </div>,
    document.body,
  )
}
