import { UserRound } from 'lucide-react'
import { useMessages } from '../lib/messages.ts'
import { Opener } from '../ui/opener.tsx'

const loadItems = async () => (await import('./user-menu-items.tsx')).UserMenuItems

/** Who is signed in, how the dashboard looks for them, and the way out. */
export function UserMenu() {
  const t = useMessages('shell')
  return (
    <Opener
      opens="menu"
      load={loadItems}
      trigger={(props) => (
        <button
          {...props}
          type="button"
          aria-label={t.account}
          className="flex size-9 pointer-coarse:size-11 items-center justify-center rounded-full text-muted-foreground hover:bg-muted hover:text-foreground"
        >
          <UserRound aria-hidden className="size-5" />
        </button>
      )}
    >
      {(Items, opening) => <Items opening={opening} />}
    </Opener>
  )
}
