import { Link } from '@tanstack/react-router'
import { useMessages } from '../lib/messages.ts'
import { DropdownMenuItem, OpenedMenu } from '../ui/dropdown-menu.tsx'
import type { Opening } from '../ui/opener.tsx'
import type { places as allPlaces } from './places.ts'

interface MorePlacesProps {
  readonly opening: Opening
  readonly places: readonly (typeof allPlaces)[number][]
}

/** The places that the bottom bar has no room for. */
export function MorePlaces({ opening, places }: MorePlacesProps) {
  const t = useMessages('shell')
  return (
    <OpenedMenu opening={opening} align="end" side="top">
      {places.map(({ name, to, icon: Icon }) => (
        <DropdownMenuItem key={name} asChild>
          <Link to={to}>
            <Icon aria-hidden className="size-4" />
            {t[name]}
          </Link>
        </DropdownMenuItem>
      ))}
    </OpenedMenu>
  )
}
