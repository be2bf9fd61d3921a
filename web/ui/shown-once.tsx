import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'

interface ShownOnceProps {
  readonly title: string
  readonly text: string
  /** What the button says that closes it. */
  readonly done: string
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A secret that the server gives out this once. Only the button closes it: a click beside it would lose it for good. */
export function ShownOnce({ title, text, done, onClose, children }: ShownOnceProps) {
  return (
    <Dialog
      open
      isHeld
      onOpenChange={() => undefined}
      title={title}
      description={text}
      footer={
        <Button variant="primary" onClick={onClose}>
          {done}
        </Button>
      }
    >
      {children}
    </Dialog>
  )
}
