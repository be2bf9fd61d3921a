import { Link } from '@tanstack/react-router'
import { Ellipsis } from 'lucide-react'
import { can } from '../../contract/permissions.ts'
import { useUser } from '../account/use-session.ts'
import { useMessages } from '../lib/messages.ts'
import { Opener } from '../ui/opener.tsx'
import { places } from './places.ts'
import { WaitingCount } from './waiting-count.tsx'

const loadPlaces = async () => (await import('./more-places.tsx')).MorePlaces

const look =
  'flex min-h-14 flex-1 flex-col items-center justify-center gap-1 text-xs text-muted-foreground data-[status=active]:font-medium data-[status=active]:text-primary'

/** The places of a phone, in reach of a thumb. */
export function BottomBar() {
  const t = useMessages('shell')
  const user = useUser()
  const mayGo = places.filter(({ permission }) => permission === null || (user && can(user.role, permission)))
  return (
    <nav
      aria-label={t.navigation}
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-border bg-card pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {mayGo
        .filter(({ isMain }) => isMain)
        .map(({ name, to, icon: Icon }) => (
          <Link
            key={name}
            to={to}
            activeOptions={{ exact: to === '/', includeSearch: false }}
            className={look}
          >
            <span className="relative">
              <Icon aria-hidden className="size-5" />
              <WaitingCount place={name} />
            </span>
            {t[name]}
          </Link>
        ))}
      <Opener
        opens="menu"
        load={loadPlaces}
        trigger={(props) => (
          <button {...props} type="button" className={look}>
            <Ellipsis aria-hidden className="size-5" />
            {t.more}
          </button>
        )}
      >
        {(MorePlaces, opening) => (
          <MorePlaces opening={opening} places={mayGo.filter(({ isMain }) => !isMain)} />
        )}
      </Opener>
    </nav>
  )
}
