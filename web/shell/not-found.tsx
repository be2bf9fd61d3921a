import { Link } from '@tanstack/react-router'
import { Compass } from 'lucide-react'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'

export function NotFound() {
  const t = useMessages('shell')
  return (
    <main className="mx-auto max-w-2xl p-6">
      <EmptyState
        icon={Compass}
        title={t.notFoundTitle}
        text={t.notFoundText}
        action={
          <Button asChild>
            <Link to="/">{t.toHome}</Link>
          </Button>
        }
      />
    </main>
  )
}
