import { Search } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useMessages } from '../lib/messages.ts'
import { KeyHint } from '../ui/key-hint.tsx'
import { places } from './places.ts'
import { useShortcuts } from './use-shortcuts.ts'

const Palette = lazy(() =>
  import('../palette/palette.tsx').then(({ Palette: palette }) => ({ default: palette })),
)
const ShortcutSheet = lazy(() =>
  import('../palette/shortcut-sheet.tsx').then(({ ShortcutSheet: sheet }) => ({ default: sheet })),
)

const isApple = /mac|iphone|ipad/i.test(navigator.platform)

/** Opens the command palette, and listens for shortcuts. Palette and sheet are loaded when they are first wanted. */
export function PaletteButton() {
  const t = useMessages('shell')
  const [opened, setOpened] = useState<'palette' | 'sheet' | null>(null)
  const [wanted, setWanted] = useState<ReadonlySet<'palette' | 'sheet'>>(new Set())

  const open = (what: 'palette' | 'sheet') => {
    setWanted((before) => new Set(before).add(what))
    setOpened((before) => (before === what ? null : what))
  }
  useShortcuts({ onPalette: () => open('palette'), onSheet: () => open('sheet') })

  return (
    <>
      <button
        type="button"
        title={t.searchHint}
        onClick={() => open('palette')}
        className="flex h-9 pointer-coarse:h-11 items-center gap-2 rounded-lg px-2 text-muted-foreground hover:bg-muted hover:text-foreground lg:min-w-56 lg:border lg:border-border lg:bg-card lg:px-3 pointer-coarse:h-11 pointer-coarse:min-w-11"
      >
        <Search aria-hidden className="size-4" />
        <span className="sr-only flex-1 text-start lg:not-sr-only">{t.openPalette}</span>
        <span aria-hidden className="hidden lg:inline">
          <KeyHint keys={[isApple ? '⌘' : 'Ctrl', 'K']} />
        </span>
      </button>
      <Suspense>
        {wanted.has('palette') && (
          <Palette
            isOpen={opened === 'palette'}
            onOpenChange={(isOpen) => setOpened(isOpen ? 'palette' : null)}
            places={places}
            onShortcuts={() => open('sheet')}
          />
        )}
        {wanted.has('sheet') && (
          <ShortcutSheet
            isOpen={opened === 'sheet'}
            onOpenChange={(isOpen) => setOpened(isOpen ? 'sheet' : null)}
            places={places}
          />
        )}
      </Suspense>
    </>
  )
}
