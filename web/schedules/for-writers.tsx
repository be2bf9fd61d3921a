import { Link } from '@tanstack/react-router'
import { LockKeyhole } from 'lucide-react'
import type { ReactNode } from 'react'
import { isSampleId } from '../../contract/sample-ids.ts'
import { useCan } from '../account/use-session.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'

interface ForWritersProps {
  /** Of what would be changed; none where something new is made. */
  readonly id?: string
  readonly children: ReactNode
}

/** A form for those who may save it. Who came by an old link learns why there is none, and goes back. */
export function ForWriters({ id, children }: ForWritersProps) {
  const t = useMessages('schedules')
  const { samples } = useMessages('firstSteps')
  if (useCan('schedule.write', id)) return children
  return (
    <EmptyState
      icon={LockKeyhole}
      title={t.readOnly}
      text={id && isSampleId(id) ? samples.onlyShown : t.readOnlyText}
      action={
        <Button asChild variant="secondary">
          <Link to="/schedules">{t.title}</Link>
        </Button>
      }
    />
  )
}
