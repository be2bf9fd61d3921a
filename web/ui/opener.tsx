import {
  type ComponentProps,
  type ReactNode,
  type Ref,
  type RefObject,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from 'react'
import { tellFailure } from './toaster.tsx'

/** What a trigger tells to what it opens. */
export interface Opening {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
  readonly trigger: RefObject<HTMLButtonElement | null>
  readonly triggerId: string
  /** Opened by a key: the first choice gets the focus. */
  readonly isByKeyboard: boolean
}

type TriggerProps = Pick<
  ComponentProps<'button'>,
  'ref' | 'id' | 'aria-haspopup' | 'aria-expanded' | 'onClick' | 'onKeyDown' | 'onPointerEnter' | 'onFocus'
>

interface OpenerProps<Content> {
  readonly opens: 'menu' | 'dialog'
  /** A button that takes these. */
  readonly trigger: (props: TriggerProps) => ReactNode
  /** Fetches the code of what opens; asked for as soon as somebody reaches for the trigger. */
  readonly load: () => Promise<Content>
  readonly children: (content: Content, opening: Opening) => ReactNode
}

/**
 * A button with a menu or popover that is no part of the first load: it comes while the pointer is on its way, and
 * stands closed beside the button until it is wanted. Draw it with `OpenedMenu` or `OpenedPopover`.
 */
export function Opener<Content>({ opens, trigger, load, children }: OpenerProps<Content>) {
  const button = useRef<HTMLButtonElement>(null)
  const triggerId = useId()
  const [loaded, setLoaded] = useState<{ readonly content: Content } | null>(null)
  const [isOpen, setIsOpen] = useState(false)
  const [isByKeyboard, setIsByKeyboard] = useState(false)

  const fetchIt = async () => setLoaded({ content: await load() })
  /** Who only passes by does not hear of a failure; who wants it does. */
  const prepare = () => void (loaded ?? fetchIt().catch(() => undefined))
  function open(byKeyboard: boolean): void {
    setIsByKeyboard(byKeyboard)
    setIsOpen(true)
    if (loaded) return
    fetchIt().catch((error: unknown) => {
      setIsOpen(false)
      tellFailure(error)
    })
  }

  return (
    <>
      {trigger({
        ref: button,
        id: triggerId,
        'aria-haspopup': opens,
        'aria-expanded': isOpen,
        onPointerEnter: prepare,
        onFocus: prepare,
        // A click without a pointer comes from Enter or the space bar.
        onClick: ({ detail }) => (isOpen ? setIsOpen(false) : open(detail === 0)),
        onKeyDown: (event) => {
          if (opens !== 'menu' || event.key !== 'ArrowDown' || isOpen) return
          event.preventDefault()
          open(true)
        },
      })}
      {loaded &&
        children(loaded.content, {
          isOpen,
          onOpenChange: setIsOpen,
          trigger: button,
          triggerId,
          isByKeyboard,
        })}
    </>
  )
}

interface StandInProps {
  readonly of: RefObject<HTMLButtonElement | null>
  readonly ref?: Ref<HTMLButtonElement | null>
}

/** Takes the place of a trigger that stands elsewhere already: to measure by, and to give the focus back to. */
export function StandIn({ of, ref }: StandInProps) {
  useImperativeHandle<HTMLButtonElement | null, HTMLButtonElement | null>(ref, () => of.current, [of])
  return null
}
