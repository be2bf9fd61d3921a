import { FlaskConical } from 'lucide-react'
import { isSampleId } from '../../contract/sample-ids.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from './badge.tsx'

interface SampleBadgeProps {
  /** Of the thing it stands beside. */
  readonly id: string
}

/** Marks what is made up; nothing beside what is real. */
export function SampleBadge({ id }: SampleBadgeProps) {
  const t = useMessages('firstSteps').samples
  if (!isSampleId(id)) return null
  return (
    <Badge tone="wait" icon={<FlaskConical aria-hidden />}>
      {t.badge}
    </Badge>
  )
}
