import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { tellSuccess } from './toaster.tsx'

interface RemoveDialogProps {
  readonly name: string
  readonly words: {
    readonly removeTitle: (name: string) => string
    readonly removeText: string
    readonly remove: string
    readonly removed: (name: string) => string
  }
  /** For what cannot be made again: its name has to be typed first. */
  readonly isTyped?: boolean
  readonly remove: () => Promise<unknown>
  /** It is gone, and people were told. */
  readonly onRemoved: () => void | Promise<void>
  /** It is gone, or could not be removed. */
  readonly onSettled?: () => Promise<void>
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly children?: ReactNode
}

/** Asks whether a thing of a name shall be removed, removes it, and tells that it is gone. */
export function RemoveDialog(props: RemoveDialogProps) {
  const { name, words, isTyped = false, onRemoved, onSettled, open, onOpenChange, children } = props
  const remove = useMutation({
    mutationFn: props.remove,
    onSuccess: async () => {
      tellSuccess(words.removed(name))
      await onRemoved()
    },
    onSettled: () => onSettled?.(),
  })
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(isOpen) => {
        remove.reset()
        onOpenChange(isOpen)
      }}
      title={words.removeTitle(name)}
      description={words.removeText}
      confirmLabel={words.remove}
      {...(isTyped && { typeName: name })}
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    >
      {children}
    </ConfirmDialog>
  )
}
