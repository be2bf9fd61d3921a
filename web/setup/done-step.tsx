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
        <div className="flex flex-wrap justify-center gap-2">
          <Button variant="secondary" asChild>
            <Link to="/">{t.toHome}</Link>
          </Button>
          <Button asChild>
            <Link to="/settings" search={{ tab: 'master-key' }}>
              {t.toKit}
            </Link>
          </Button>
        </div>
      }
    />
  )
}
