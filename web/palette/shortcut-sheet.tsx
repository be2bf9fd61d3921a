import { useMessages } from '../lib/messages.ts'
import { setPreferences, usePreferences } from '../lib/preferences.ts'
import { Switch } from '../ui/checkbox.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { KeyHint } from '../ui/key-hint.tsx'
import type { PalettePlace } from './commands.ts'

interface ShortcutSheetProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
  readonly places: readonly (PalettePlace & { readonly key: string })[]
}

const ctrl = /mac|iphone|ipad/i.test(navigator.platform) ? '⌘' : 'Ctrl'

/** Every shortcut there is, and the switch for those of one key. */
export function ShortcutSheet({ isOpen, onOpenChange, places }: ShortcutSheetProps) {
  const { shortcuts: t } = useMessages('palette')
  const shell = useMessages('shell')
  const hasShortcuts = usePreferences((preferences) => preferences.hasShortcuts)
  const everywhere = [
    { keys: [ctrl, 'K'], word: t.palette },
    { keys: ['?'], word: t.sheet },
    { keys: ['R'], word: t.run },
    { keys: ['/'], word: t.search },
    { keys: ['Esc'], word: t.close },
  ]
  return (
    <Dialog open={isOpen} onOpenChange={onOpenChange} title={t.title}>
      <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
        <section>
          <h3 className="mb-2 text-sm font-medium text-muted-foreground">{t.everywhere}</h3>
          <dl className="space-y-2">
            {everywhere.map(({ keys, word }) => (
              <div key={word} className="flex items-center justify-between gap-3">
                <dt>{word}</dt>
                <dd>
                  <KeyHint keys={keys} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h3 className="mb-2 text-sm font-medium text-muted-foreground">{t.goTo}</h3>
          <dl className="space-y-2">
            {places.map(({ name, key }) => (
              <div key={name} className="flex items-center justify-between gap-3">
                <dt>{shell[name]}</dt>
                <dd className="flex items-center gap-1.5 text-xs text-muted-foreground">
                  <KeyHint keys={['G']} />
                  {t.andThen}
                  <KeyHint keys={[key.toUpperCase()]} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
      <div className="mt-6 border-t border-border pt-4">
        <Switch
          label={<span className="font-medium">{t.isOn}</span>}
          hint={t.isOnHint}
          checked={hasShortcuts}
          onChange={({ target }) => setPreferences({ hasShortcuts: target.checked })}
        />
      </div>
    </Dialog>
  )
}
