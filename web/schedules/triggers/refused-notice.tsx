import { Link } from '@tanstack/react-router'
import { OctagonX } from 'lucide-react'
import type { Trigger } from '../../../contract/triggers.ts'
import { useCan } from '../../account/use-session.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'

/** That what came last was refused, which somebody has to mend; nothing where it was not. */
export function RefusedNotice({ trigger: { id, last } }: { readonly trigger: Trigger }) {
  const t = useMessages('triggers')
  const mayWrite = useCan('schedule.write')
  if (last?.state !== 'refused') return null
  return (
    <Notice
      icon={OctagonX}
      tone="fail"
      title={t.refusedTitle}
      action={
        mayWrite && (
          <Button asChild size="sm" variant="secondary">
            <Link to="/schedules/triggers/$id/edit" params={{ id }}>
              {t.edit}
            </Link>
          </Button>
        )
      }
    >
      <span className="foreign">{last.detail ?? t.reasons.refused}</span>
      <span className="mt-1 block text-sm text-muted-foreground">
        <RelativeTime at={last.at} />
      </span>
    </Notice>
  )
}
