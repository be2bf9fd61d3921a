import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { PanelLeftClose, PanelLeftOpen } from 'lucide-react'
import { useUser } from '../account/use-session.ts'
import { can } from '../../contract/permissions.ts'
import { useMessages } from '../lib/messages.ts'
import { setPreferences, usePreferences } from '../lib/preferences.ts'
import { IconButton } from '../ui/button.tsx'
import { Logo } from '../ui/logo.tsx'
import { places } from './places.ts'
import { WaitingCount } from './waiting-count.tsx'

/** The places at the left, from tablets up. */
export function Rail() {
  const t = useMessages('shell')
  const user = useUser()
  const isNarrow = usePreferences((preferences) => preferences.isRailNarrow)
  const mayGo = places.filter(({ permission }) => permission === null || (user && can(user.role, permission)))
  return (
    <nav
      aria-label={t.navigation}
      className={clsx(
        'sticky top-0 hidden h-dvh shrink-0 flex-col border-e border-border bg-card md:flex',
        isNarrow ? 'w-14' : 'w-14 lg:w-55',
      )}
    >
      <Link to="/" className="flex h-14 items-center gap-2.5 px-3.5 font-semibold">
        <Logo />
        <span className={clsx('hidden', !isNarrow && 'lg:inline')}>{t.product}</span>
      </Link>
      <ul className="flex flex-1 flex-col gap-0.5 px-2 py-2">
        {mayGo.map(({ name, to, icon: Icon }) => (
          <li key={name}>
            <Link
              to={to}
              activeOptions={{ exact: to === '/', includeSearch: false }}
              title={t[name]}
              className="relative flex h-9 items-center gap-3 rounded-lg px-2.5 text-muted-foreground hover:bg-muted hover:text-foreground data-[status=active]:bg-muted data-[status=active]:font-medium data-[status=active]:text-foreground"
            >
              <Icon aria-hidden className="size-4.5 shrink-0" />
              <span className={clsx('sr-only', !isNarrow && 'lg:not-sr-only')}>{t[name]}</span>
              <WaitingCount place={name} />
            </Link>
          </li>
        ))}
      </ul>
      <div className="hidden p-2 lg:block">
        <IconButton
          label={isNarrow ? t.wide : t.narrow}
          onClick={() => setPreferences({ isRailNarrow: !isNarrow })}
          icon={isNarrow ? PanelLeftOpen : PanelLeftClose}
        />
      </div>
    </nav>
  )
}
