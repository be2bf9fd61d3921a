import { Link, useLocation } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useHere } from '../lib/breadcrumb.ts'
import { useMessages } from '../lib/messages.ts'
import { useTitle } from '../lib/title.ts'
import { places } from './places.ts'

export function Breadcrumb() {
  const t = useMessages('shell')
  const { pathname } = useLocation()
  const name = useHere((here) => here.name)
  const place = places.find(({ to }) => (to === '/' ? pathname === '/' : pathname.startsWith(to)))
  const isBelow = pathname !== place?.to && name !== null
  useTitle(place && (isBelow ? name : t[place.name]))
  if (!place) return null
  return (
    <nav aria-label={t.breadcrumb} className="min-w-0">
      <ol className="flex items-center gap-1.5">
        <li className={isBelow ? 'hidden shrink-0 text-muted-foreground sm:block' : 'font-medium'}>
          {isBelow ? (
            <Link to={place.to} className="hover:text-foreground">
              {t[place.name]}
            </Link>
          ) : (
            <span aria-current="page">{t[place.name]}</span>
          )}
        </li>
        {isBelow && (
          <li className="flex min-w-0 items-center gap-1.5">
            <ChevronRight aria-hidden className="hidden size-4 shrink-0 text-muted-foreground sm:block" />
            <span aria-current="page" className="truncate font-medium">
              {name}
            </span>
          </li>
        )}
      </ol>
    </nav>
  )
}
