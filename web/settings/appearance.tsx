import { Monitor, Moon, Rows3, Rows4, Sun } from 'lucide-react'
import { useMessages } from '../lib/messages.ts'
import { type Density, type Locale, setPreferences, type Theme, usePreferences } from '../lib/preferences.ts'
import { Card } from '../ui/card.tsx'
import { Switch } from '../ui/checkbox.tsx'
import { RadioCards } from '../ui/radio-cards.tsx'
import { DeviceCard } from './device-card.tsx'

const themes = { system: Monitor, light: Sun, dark: Moon } as const
const densities = { comfortable: Rows3, compact: Rows4 } as const

/** How the dashboard looks in this browser; each choice is in force at once. */
export function AppearanceSettings() {
  const t = useMessages('settings').appearance
  const shell = useMessages('shell')
  const { shortcuts } = useMessages('palette')
  const { theme, density, locale, hasShortcuts } = usePreferences()
  return (
    <div className="space-y-4">
      <Card className="space-y-6 p-4 md:p-5">
        <p className="text-muted-foreground">{t.text}</p>
        <RadioCards
          label={shell.theme}
          name="theme"
          columns={3}
          value={theme}
          onChange={({ target }) => setPreferences({ theme: target.value as Theme })}
          options={(['system', 'light', 'dark'] as const).map((value) => ({
            value,
            title: shell.themes[value],
            text: t.themeTexts[value],
            icon: themes[value],
          }))}
        />
        <RadioCards
          label={shell.density}
          name="density"
          columns={2}
          value={density}
          onChange={({ target }) => setPreferences({ density: target.value as Density })}
          options={(['comfortable', 'compact'] as const).map((value) => ({
            value,
            title: shell.densities[value],
            text: t.densityTexts[value],
            icon: densities[value],
          }))}
        />
        <RadioCards
          label={shell.language}
          name="language"
          columns={2}
          value={locale}
          onChange={({ target }) => setPreferences({ locale: target.value as Locale })}
          options={(['en', 'de'] as const).map((value) => ({
            value,
            title: <span lang={value}>{shell.languages[value]}</span>,
          }))}
        />
        <Switch
          label={<span className="font-medium">{shortcuts.isOn}</span>}
          hint={shortcuts.isOnHint}
          checked={hasShortcuts}
          onChange={({ target }) => setPreferences({ hasShortcuts: target.checked })}
        />
      </Card>
      <DeviceCard />
    </div>
  )
}
