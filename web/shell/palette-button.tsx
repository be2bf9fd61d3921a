import { Search } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useMessages } from '../lib/messages.ts'

const Palette = lazy(() =>
  import('../palette/palette.tsx').then(({ Palette: palette }) => ({ default: palette })),
)

/** Opens the command palette, also by Ctrl K or ⌘ K. It is loaded when it is first wanted. */
export function PaletteButton() {
  const t = useMessages('shell')
  const [isOpen, setOpen] = useState(false)
  const [isWanted, setWanted] = useState(false)

  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      setWanted(true)
      setOpen((before) => !before)
    }
    addEventListener('keydown', hear)
    return () => removeEventListener('keydown', hear)
  }, [])

  return (
    <>
      <button
        type="button"
        title={t.searchHint}
        onClick={() => {
          setWanted(true)
          setOpen(true)
        }}
        className="flex h-9 items-center gap-2 rounded-lg px-2 text-muted-foreground hover:bg-muted hover:text-foreground lg:min-w-56 lg:border lg:border-border lg:bg-card lg:px-3"
      >
        <Search aria-hidden className="size-4" />
        <span className="sr-only flex-1 text-left lg:not-sr-only">{t.search}</span>
        <kbd className="hidden rounded border border-border px-1.5 font-mono text-xs lg:inline">Ctrl K</kbd>
      </button>
      {isWanted && (
        <Suspense>
          <Palette isOpen={isOpen} onOpenChange={setOpen} />
        </Suspense>
      )}
    </>
  )
}
