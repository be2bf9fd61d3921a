import { BookOpen, LogOut } from 'lucide-react'
import { useUser } from '../account/use-session.ts'
import { useSignOut } from '../account/use-sign-out.ts'
import { basePath } from '../lib/base.ts'
import { useMessages } from '../lib/messages.ts'
import { type Density, type Locale, setPreferences, type Theme, usePreferences } from '../lib/preferences.ts'
import {
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  OpenedMenu,
} from '../ui/dropdown-menu.tsx'
import type { Opening } from '../ui/opener.tsx'

/** How the dashboard looks, the manual of the API, and the way out. */
export function UserMenuItems({ opening }: { readonly opening: Opening }) {
  const t = useMessages('shell')
  const user = useUser()
  const { theme, density, locale } = usePreferences()
  const signOut = useSignOut()
  return (
    <OpenedMenu opening={opening} align="end" className="w-60">
      {user && <DropdownMenuLabel>{t.signedInAs(user.name)}</DropdownMenuLabel>}
      <DropdownMenuSeparator />
      <DropdownMenuLabel>{t.theme}</DropdownMenuLabel>
      <DropdownMenuRadioGroup
        value={theme}
        onValueChange={(value) => setPreferences({ theme: value as Theme })}
      >
        {(['system', 'light', 'dark'] as const).map((one) => (
          <DropdownMenuRadioItem key={one} value={one}>
            {t.themes[one]}
          </DropdownMenuRadioItem>
        ))}
      </DropdownMenuRadioGroup>
      <DropdownMenuSeparator />
      <DropdownMenuLabel>{t.density}</DropdownMenuLabel>
      <DropdownMenuRadioGroup
        value={density}
        onValueChange={(value) => setPreferences({ density: value as Density })}
      >
        {(['comfortable', 'compact'] as const).map((one) => (
          <DropdownMenuRadioItem key={one} value={one}>
            {t.densities[one]}
          </DropdownMenuRadioItem>
        ))}
      </DropdownMenuRadioGroup>
      <DropdownMenuSeparator />
      <DropdownMenuLabel>{t.language}</DropdownMenuLabel>
      <DropdownMenuRadioGroup
        value={locale}
        onValueChange={(value) => setPreferences({ locale: value as Locale })}
      >
        {(['en', 'de'] as const).map((one) => (
          <DropdownMenuRadioItem key={one} value={one}>
            {t.languages[one]}
          </DropdownMenuRadioItem>
        ))}
      </DropdownMenuRadioGroup>
      <DropdownMenuSeparator />
      <DropdownMenuItem asChild>
        <a href={`${basePath}/api/docs`}>
          <BookOpen aria-hidden className="size-4" />
          {t.apiDocs}
        </a>
      </DropdownMenuItem>
      <DropdownMenuItem onSelect={() => signOut()}>
        <LogOut aria-hidden className="size-4" />
        {t.signOut}
      </DropdownMenuItem>
    </OpenedMenu>
  )
}
