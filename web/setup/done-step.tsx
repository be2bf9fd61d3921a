import { Link } from '@tanstack/react-router'
import { PartyPopper } from 'lucide-react'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'

export function DoneStep() {
  const t = useMessages('setup').finished
  return (
    <EmptyState
      icon={PartyPopper}
      title={t.title}
      text={t.text}
      action={
        <Button asChild>
          <Link to="/">{t.toHome}</Link>
        </Button>
      }
    />
  )
}
