import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { tellSuccess } from '../ui/toaster.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'

interface RemoveDialogProps {
  readonly name: string
  readonly words: {
    readonly removeTitle: (name: string) => string
    readonly removeText: string
    readonly remove: string
    readonly removed: (name: string) => string
  }
  readonly remove: () => Promise<unknown>
  /** Where one goes then, and what was known of it. */
  readonly listAt: '/schedules' | '/schedules/triggers'
  readonly queryKey: readonly unknown[]
  readonly open: boolean
  readonly onClose: () => void
}

/** Asks, removes a schedule or a trigger, and goes to the list. */
export function RemoveDialog(props: RemoveDialogProps) {
  const { name, words, listAt, queryKey, open, onClose } = props
  const queries = useQueryClient()
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: props.remove,
    onSuccess: async () => {
      tellSuccess(words.removed(name))
      // Left first, so that the page does not ask for what is gone.
      await navigate({ to: listAt })
      queries.removeQueries({ queryKey })
      await queries.invalidateQueries({ queryKey: ['schedules'] })
    },
  })
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(isOpen) => {
        remove.reset()
        if (!isOpen) onClose()
      }}
      title={words.removeTitle(name)}
      description={words.removeText}
      confirmLabel={words.remove}
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    />
  )
}
