import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ComponentProps } from 'react'
import { RemoveDialog } from '../ui/remove-dialog.tsx'

interface RemoveAndLeaveProps
  extends Pick<ComponentProps<typeof RemoveDialog>, 'name' | 'words' | 'remove' | 'open'> {
  /** Where one goes then, and what was known of it. */
  readonly listAt: '/schedules' | '/schedules/triggers'
  readonly queryKey: readonly unknown[]
  readonly onClose: () => void
}

/** Asks, removes a schedule or a trigger, and goes to the list. */
export function RemoveAndLeave({ listAt, queryKey, onClose, ...asked }: RemoveAndLeaveProps) {
  const queries = useQueryClient()
  const navigate = useNavigate()
  return (
    <RemoveDialog
      {...asked}
      onRemoved={async () => {
        // Left first, so that the page does not ask for what is gone.
        await navigate({ to: listAt })
        queries.removeQueries({ queryKey })
        await queries.invalidateQueries({ queryKey: ['schedules'] })
      }}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose()
      }}
    />
  )
}
